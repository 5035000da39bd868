"""Demo data: `python -m app.seed`."""

from datetime import timedelta

from sqlalchemy import func, select

from app.db.session import get_sync_session
from app.models import (
    ChatSession,
    ChatStatus,
    Message,
    Tag,
    Tenant,
    User,
    UserRole,
    WebhookEvent,
    WebhookStatus,
)
from app.utils import utcnow

PEOPLE = [
    ("ada@example.com", "Ada", "Admin", UserRole.ADMIN),
    ("ben@example.com", "Ben", "Agent", UserRole.AGENT),
    ("cleo@example.com", "Cleo", "Agent", UserRole.AGENT),
    ("dora@example.com", "Dora", "Customer", UserRole.CUSTOMER),
    ("emil@example.com", "Emil", "Customer", UserRole.CUSTOMER),
]

CONVERSATIONS = [
    (
        "Where is my parcel?",
        ["delivery"],
        ["It should be here by now.", "I will look."],
    ),
    ("Invoice is wrong", ["billing"], ["I was charged twice."]),
    ("Password reset", ["account", "urgent"], ["I get no mail.", "Sent it again."]),
]


def seed() -> bool:
    """Insert the demo tenant, once. Returns whether anything was inserted."""
    with get_sync_session() as db:
        if db.scalar(select(func.count()).select_from(select(Tenant).where(Tenant.slug == "demo").subquery())):
            return False
        tenant = Tenant(slug="demo", name="Demo shop", plan="pro")
        db.add(tenant)
        db.flush()
        users = [
            User(
                tenant=tenant, email=email, first_name=first, last_name=last, role=role
            )
            for email, first, last, role in PEOPLE
        ]
        db.add_all(users)
        db.flush()
        agents = [user for user in users if user.role == UserRole.AGENT]
        customers = [user for user in users if user.role == UserRole.CUSTOMER]

        for number, (subject, tags, bodies) in enumerate(CONVERSATIONS):
            customer = customers[number % len(customers)]
            chat = ChatSession(
                tenant_id=tenant.id,
                customer=customer,
                subject=subject,
                priority=number,
                created_at=utcnow() - timedelta(days=number),
                tags=[],
            )
            db.add(chat)
            chat.tags = [Tag.get_or_create(db, tenant.id, name) for name in tags]
            if len(bodies) > 1:
                chat.agent = agents[number % len(agents)]
                chat.status = ChatStatus.OPEN
            for position, body in enumerate(bodies):
                sender = customer if position == 0 else chat.agent
                chat.messages.append(Message(sender=sender, body=body))
            chat.last_message_at = utcnow()

        for number in range(1, 4):
            db.add(
                WebhookEvent(
                    tenant_id=tenant.id,
                    provider="mailer",
                    event_type="message.created",
                    external_id="demo-%d" % number,
                    payload={"email": "dora@example.com", "text": "Hello"},
                    status=WebhookStatus.FAILED if number == 3 else "processed",
                    attempts=1,
                )
            )
    return True


if __name__ == "__main__":
    print("Inserted the demo data" if seed() else "The demo data is there already")
