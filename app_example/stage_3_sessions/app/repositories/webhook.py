from datetime import datetime
from typing import Any, Dict, List, Optional

from sqlalchemy import case, delete, func, select, update
from sqlalchemy.orm import Query

from app.models import WebhookAttempt, WebhookEvent, WebhookStatus
from app.repositories.base import BaseRepository

# what POST /webhooks/filter accepts: field → how the value is compared
FILTERS = {
    "provider": lambda value: WebhookEvent.provider == value,
    "event_type": lambda value: WebhookEvent.event_type.like(value.replace("*", "%")),
    "status": lambda value: WebhookEvent.status.in_(
        value if isinstance(value, list) else [value]
    ),
    "received_after": lambda value: WebhookEvent.received_at >= value,
    "received_before": lambda value: WebhookEvent.received_at < value,
    "min_attempts": lambda value: WebhookEvent.attempts >= value,
}


class WebhookRepository(BaseRepository[WebhookEvent]):
    model = WebhookEvent

    def of_tenant(self, tenant_id: int) -> Query:
        return self.session.query(WebhookEvent).filter_by(tenant_id=tenant_id)

    def get_for_tenant(self, tenant_id: int, event_id: int) -> Optional[WebhookEvent]:
        return self.of_tenant(tenant_id).filter(WebhookEvent.id == event_id).first()

    def find_duplicate(self, provider: str, external_id: str) -> Optional[WebhookEvent]:
        return self.find_one_by(provider=provider, external_id=external_id)

    def listing(self, tenant_id: int, status=None, provider=None) -> Query:
        query = self.of_tenant(tenant_id)
        if status:
            query = query.filter(WebhookEvent.status == status)
        if provider:
            query = query.filter(WebhookEvent.provider == provider)
        return query.order_by(WebhookEvent.received_at.desc(), WebhookEvent.id.desc())

    def filtered(self, tenant_id: int, criteria: Dict[str, Any]) -> Query:
        query = self.of_tenant(tenant_id)
        for field, value in criteria.items():
            if value is None:
                continue
            query = query.filter(FILTERS[field](value))
        return query.order_by(WebhookEvent.id)

    def attempts_of(self, event_id: int) -> List[WebhookAttempt]:
        return self.session.scalars(
            select(WebhookAttempt)
            .where(WebhookAttempt.event_id == event_id)
            .order_by(WebhookAttempt.number)
        ).all()

    def reset_failed(
        self,
        tenant_id: int,
        provider: Optional[str] = None,
        since: Optional[datetime] = None,
        until: Optional[datetime] = None,
    ) -> List[int]:
        """Set failed events back to pending and return their ids."""
        query = select(WebhookEvent).where(
            WebhookEvent.tenant_id == tenant_id,
            WebhookEvent.status == WebhookStatus.FAILED,
        )
        if provider is not None:
            query = query.where(WebhookEvent.provider == provider)
        if since is not None:
            query = query.where(WebhookEvent.received_at >= since)
        if until is not None:
            query = query.where(WebhookEvent.received_at < until)

        ids = [
            row.id
            for row in self.session.execute(query.with_only_columns(WebhookEvent.id).order_by(WebhookEvent.id))
        ]
        self.session.execute(update(WebhookEvent).where(query.whereclause).values(
            {
                WebhookEvent.status: WebhookStatus.PENDING,
                WebhookEvent.attempts: 0,
                WebhookEvent.last_error: None,
            },
        ).execution_options(synchronize_session=False))
        return ids

    def retryable_ids(self, max_attempts: int, limit: int = 100) -> List[int]:
        rows = self.session.execute(
            select(WebhookEvent.id)
            .where(WebhookEvent.status == WebhookStatus.FAILED)
            .where(WebhookEvent.attempts < max_attempts)
            .order_by(WebhookEvent.received_at)
            .limit(limit)
        ).all()
        return [row[0] for row in rows]

    def purge(self, before: datetime) -> int:
        """Delete events that were handled before the moment."""
        return self.session.execute(
            delete(WebhookEvent)
            .where(
                WebhookEvent.received_at < before,
                WebhookEvent.status.in_(
                    [WebhookStatus.PROCESSED, WebhookStatus.IGNORED]
                ),
            )
            .execution_options(synchronize_session=False)
        ).rowcount

    def counts_by_status(self, tenant_id: int) -> Dict[str, int]:
        counts = dict(
            self.session.execute(
                select(WebhookEvent.status, func.count(WebhookEvent.id))
                .where(WebhookEvent.tenant_id == tenant_id)
                .group_by(WebhookEvent.status)
            ).all()
        )
        return {status: counts.get(status, 0) for status in WebhookStatus.ALL}

    def counts_by_provider(self, tenant_id: int):
        failed = func.sum(
            case((WebhookEvent.status == WebhookStatus.FAILED, 1), else_=0)
        )
        return self.session.execute(
            select(
                WebhookEvent.provider,
                func.count(WebhookEvent.id).label("total"),
                failed.label("failed"),
                func.max(WebhookEvent.received_at).label("last_received_at"),
            )
            .where(WebhookEvent.tenant_id == tenant_id)
            .group_by(WebhookEvent.provider)
            .order_by(WebhookEvent.provider)
        ).all()

    def average_attempts(self, tenant_id: int) -> float:
        per_event = (
            select(func.count(WebhookAttempt.id).label("attempts"))
            .join(WebhookEvent, WebhookEvent.id == WebhookAttempt.event_id)
            .where(WebhookEvent.tenant_id == tenant_id)
            .group_by(WebhookAttempt.event_id)
            .subquery()
        )
        average = self.session.scalar(select(func.avg(per_event.c.attempts)))
        return round(float(average or 0), 2)
