from datetime import timedelta

from app.config import settings
from app.db.session import get_sync_session
from app.repositories import WebhookRepository
from app.services.webhook_service import WebhookService
from app.tasks.celery_app import celery_app
from app.utils import utcnow


@celery_app.task(name="webhooks.process")
def process_webhook(event_id: int) -> str:
    with get_sync_session() as db:
        return WebhookService(db).process(event_id)


@celery_app.task(name="webhooks.retry_failed")
def retry_failed() -> int:
    """Process failed events again that have attempts left."""
    with get_sync_session() as db:
        ids = WebhookRepository(db).retryable_ids(settings.WEBHOOK_MAX_ATTEMPTS)
    for event_id in ids:
        process_webhook.delay(event_id)
    return len(ids)


@celery_app.task(name="webhooks.purge")
def purge(days: int = 90) -> int:
    with get_sync_session() as db:
        deleted = WebhookRepository(db).purge(utcnow() - timedelta(days=days))
        return deleted
