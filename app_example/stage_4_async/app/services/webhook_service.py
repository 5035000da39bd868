"""What arrives from other systems."""

import json
import logging
from typing import Any, Dict, List

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.config import settings
from app.exceptions import ChatError, Conflict, NotFound
from app.models import (
    ChatSession,
    Message,
    Tenant,
    User,
    WebhookAttempt,
    WebhookEvent,
    WebhookStatus,
)
from app.repositories import WebhookRepository
from app.utils import utcnow

logger = logging.getLogger(__name__)


class WebhookService:
    def __init__(self, db: Session):
        self.db = db
        self.events = WebhookRepository(db)

    def receive(self, tenant: Tenant, provider: str, body: bytes) -> WebhookEvent:
        """Store an event. Providers send events more than once: that is no error."""
        try:
            data = json.loads(body)
            external_id, event_type = str(data["id"]), str(data["type"])
        except (ValueError, KeyError, TypeError):
            raise ChatError("The body needs an id and a type")

        duplicate = self.events.find_duplicate(provider, external_id)
        if duplicate is not None:
            return duplicate
        try:
            event = self.events.create(
                tenant_id=tenant.id,
                provider=provider,
                event_type=event_type,
                external_id=external_id,
                payload=data.get("data") or {},
            )
            self.db.commit()
        except IntegrityError:
            # the same event, in another request, at the same moment
            self.db.rollback()
            return self.events.find_duplicate(provider, external_id)
        return event

    def get(self, tenant: Tenant, event_id: int) -> WebhookEvent:
        event = self.events.get_for_tenant(tenant.id, event_id)
        if event is None:
            raise NotFound("Webhook event %s not found" % event_id)
        return event

    def retry(self, tenant: Tenant, event_id: int) -> WebhookEvent:
        event = self.get(tenant, event_id)
        if event.status not in (WebhookStatus.FAILED, WebhookStatus.IGNORED):
            raise Conflict("Event %s is %s" % (event_id, event.status))
        if event.attempts >= settings.WEBHOOK_MAX_ATTEMPTS:
            raise Conflict("Event %s has no attempts left" % event_id)
        event.status = WebhookStatus.PENDING
        self.db.commit()
        return event

    def replay(
        self, tenant: Tenant, provider=None, since=None, until=None
    ) -> List[int]:
        try:
            ids = self.events.reset_failed(tenant.id, provider, since, until)
            self.db.commit()
            self.db.expire_all()
        except Exception:
            self.db.rollback()
            raise
        return ids

    def delete(self, tenant: Tenant, event_id: int) -> None:
        event = self.get(tenant, event_id)
        try:
            self.db.execute(delete(WebhookAttempt).filter_by(event_id=event.id))
            self.db.delete(event)
            self.db.commit()
        except Exception:
            self.db.rollback()
            raise

    def statistics(self, tenant: Tenant) -> Dict[str, Any]:
        by_status = self.events.counts_by_status(tenant.id)
        return {
            "total": sum(by_status.values()),
            "by_status": by_status,
            "by_provider": [
                {
                    "provider": row.provider,
                    "total": row.total,
                    "failed": row.failed,
                    "last_received_at": row.last_received_at,
                }
                for row in self.events.counts_by_provider(tenant.id)
            ],
            "average_attempts": self.events.average_attempts(tenant.id),
        }

    # -- processing, called by the task ------------------------------------

    def process(self, event_id: int) -> str:
        """Handle one event and return its new status."""
        event = self.db.scalars(
            select(WebhookEvent)
            .where(
                WebhookEvent.id == event_id,
                WebhookEvent.status.in_([WebhookStatus.PENDING, WebhookStatus.FAILED]),
            )
            .with_for_update()
        ).one_or_none()
        if event is None:
            return "skipped"
        handler = getattr(self, "_on_" + event.event_type.replace(".", "_"), None)
        error = None
        if handler is not None:
            try:
                # a savepoint: what a failing handler wrote must not stay
                with self.db.begin_nested():
                    handler(event)
            except (ChatError, KeyError, ValueError) as exc:
                logger.warning("Webhook %s failed: %r", event_id, exc)
                error = "%s: %s" % (type(exc).__name__, exc)
        event.attempts += 1
        event.last_error = error
        if error is not None:
            event.status = WebhookStatus.FAILED
        else:
            event.status = WebhookStatus.PROCESSED if handler else WebhookStatus.IGNORED
            event.processed_at = utcnow()
        self.db.add(
            WebhookAttempt(
                event_id=event.id,
                number=event.attempts,
                succeeded=error is None,
                error=error,
            )
        )
        self.db.commit()
        self.db.refresh(event)
        return event.status

    def _customer(self, event: WebhookEvent) -> User:
        email = event.payload["email"]
        user = User.find_by_email(self.db, event.tenant_id, email)
        if user is None:
            user = User(tenant_id=event.tenant_id, email=email)
            self.db.add(user)
            self.db.flush()
        return user

    def _on_message_created(self, event: WebhookEvent) -> None:
        customer = self._customer(event)
        chat = self.db.scalars(
            select(ChatSession)
            .where(ChatSession.customer_id == customer.id, ChatSession.is_open)
            .order_by(ChatSession.id.desc())
            .limit(1)
        ).first()
        if chat is None:
            chat = ChatSession(
                tenant_id=event.tenant_id,
                customer=customer,
                subject=event.payload.get("subject", "Message from " + event.provider),
                channel=event.provider,
            )
            self.db.add(chat)
        chat.messages.append(Message(sender=customer, body=event.payload["text"]))
        chat.last_message_at = utcnow()

    def _on_user_updated(self, event: WebhookEvent) -> None:
        changes = {
            name: event.payload[name]
            for name in ("first_name", "last_name")
            if name in event.payload
        }
        if not changes:
            raise ValueError("nothing to update")
        updated = self.db.execute(
            update(User)
            .filter_by(tenant_id=event.tenant_id, email=event.payload["email"])
            .values(changes)
        ).rowcount
        if not updated:
            raise NotFound("no user with this address")

    def _on_chat_closed(self, event: WebhookEvent) -> None:
        chat = self.db.get(ChatSession, int(event.payload["chat_id"]))
        if chat is None or chat.tenant_id != event.tenant_id:
            raise NotFound("no such chat")
        chat.close()
