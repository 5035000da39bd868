from celery import Celery

from app.config import settings

celery_app = Celery("chat", broker=settings.CELERY_BROKER_URL)
celery_app.conf.update(
    task_always_eager=settings.CELERY_TASK_ALWAYS_EAGER,
    task_eager_propagates=settings.CELERY_TASK_ALWAYS_EAGER,
    task_ignore_result=True,
    task_serializer="json",
    timezone="UTC",
    imports=("app.tasks.webhooks", "app.tasks.maintenance"),
    beat_schedule={
        "retry-failed-webhooks": {
            "task": "webhooks.retry_failed",
            "schedule": 300.0,
        },
        "expire-sessions": {
            "task": "maintenance.expire_sessions",
            "schedule": 600.0,
        },
        "close-idle-chats": {
            "task": "maintenance.close_idle_chats",
            "schedule": 3600.0,
        },
        "purge-webhooks": {
            "task": "webhooks.purge",
            "schedule": 86400.0,
        },
    },
)
