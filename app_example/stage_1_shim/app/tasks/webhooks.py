from datetime import timedelta

from app.config import settings
from app.database import SessionLocal
from app.repositories import WebhookRepository
from app.services.webhook_service import WebhookService
from app.tasks.celery_app import celery_app
from app.utils import utcnow


@celery_app.task(name="webhooks.process")
def process_webhook(event_id: int) -> str:
    db = SessionLocal()
    try:
        return WebhookService(db).process(event_id)
    finally:
        db.close()


@celery_app.task(name="webhooks.retry_failed")
def retry_failed() -> int:
    """Process failed events again that have attempts left."""
    db = SessionLocal()
    try:
        ids = WebhookRepository(db).retryable_ids(settings.WEBHOOK_MAX_ATTEMPTS)
    finally:
        db.close()
    for event_id in ids:
        process_webhook.delay(event_id)
    return len(ids)


@celery_app.task(name="webhooks.purge")
def purge(days: int = 90) -> int:
    db = SessionLocal()
    try:
        deleted = WebhookRepository(db).purge(utcnow() - timedelta(days=days))
        db.commit()
        return deleted
    except Exception:
        db.rollback()
        raise
    finally:
        db.close()
