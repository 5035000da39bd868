import logging
from datetime import timedelta

from alchemove import discard_uncommitted
from sqlalchemy import delete, func, select, update

from app.database import SessionLocal
from app.db.session import get_sync_session
from app.models import ChatSession, ChatStatus, Tenant, User
from app.queries import idle_chats
from app.repositories import TenantRepository, UserSessionRepository
from app.services.audit import record
from app.tasks.celery_app import celery_app
from app.utils import utcnow

logger = logging.getLogger(__name__)


@celery_app.task(name="maintenance.expire_sessions")
def expire_sessions(idle_minutes: int = 120) -> int:
    with get_sync_session() as db:
        ended = UserSessionRepository(db).end_stale(
            utcnow() - timedelta(minutes=idle_minutes)
        )
    logger.info("Ended %d stale sessions", ended)
    return ended


@celery_app.task(name="maintenance.close_idle_chats")
def close_idle_chats(hours: int = 48) -> int:
    closed = 0
    db = SessionLocal()
    try:
        for chat in db.scalars(idle_chats(db, hours).order_by(ChatSession.id)):
            chat.close()
            record(db, chat.tenant_id, "chat.expire", chat)
            closed += 1
        db.commit()
    except Exception:
        db.rollback()
        raise
    finally:
        db.close()
    return closed


@celery_app.task(name="maintenance.daily_digest")
def daily_digest() -> dict:
    """Waiting chats for each active tenant that has some."""
    digest = {}
    with get_sync_session() as db:
        for tenant in TenantRepository(db).active():
            waiting = db.scalar(
                select(func.count(ChatSession.id))
                .where(
                    ChatSession.tenant_id == tenant.id,
                    ChatSession.status == ChatStatus.WAITING,
                )
            )
            if waiting:
                digest[tenant.slug] = waiting
    return digest


@celery_app.task(name="maintenance.transcript")
def transcript(chat_id: int) -> str:
    with get_sync_session() as db:
        chat = db.scalars(select(ChatSession).where(ChatSession.id == chat_id).limit(1)).first()
        return chat.transcript if chat else ""


@celery_app.task(name="maintenance.anonymize_users")
def anonymize_users(days: int = 365, batch_size: int = 100) -> int:
    """Remove the personal data of users that are inactive for long."""
    threshold = utcnow() - timedelta(days=days)
    total = 0
    with get_sync_session() as db:
        discard_uncommitted(db)
        while True:
            users = db.scalars(
                select(User)
                .where(User.is_active.is_(False))
                .where(User.updated_at < threshold)
                .where(~User.email.startswith("anonymous-"))
                .order_by(User.id)
                .limit(batch_size)
            ).all()
            if not users:
                break
            for user in users:
                user.email = "anonymous-%d@invalid" % user.id
                user.first_name = user.last_name = ""
            # a batch at a time: other users of these rows should not wait for all
            db.commit()
            total += len(users)
    return total


@celery_app.task(name="maintenance.merge_users")
def merge_users(tenant_slug: str, keep_email: str, drop_email: str) -> bool:
    """Move the chats of a duplicate user to the one that stays."""
    with get_sync_session() as db:
        tenant = db.scalars(select(Tenant).filter_by(slug=tenant_slug)).one()
        keep = User.find_by_email(db, tenant.id, keep_email)
        drop = User.find_by_email(db, tenant.id, drop_email)
        if keep is None or drop is None or keep is drop:
            return False
        db.execute(update(ChatSession).where(ChatSession.customer_id == drop.id).values(
            {ChatSession.customer_id: keep.id},
        ).execution_options(synchronize_session=False))
        db.execute(delete(User).where(User.id == drop.id).execution_options(synchronize_session=False))
        return True
