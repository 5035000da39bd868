"""Settings, read once from the environment."""

import os


def _flag(name: str, default: str = "false") -> bool:
    return os.getenv(name, default).strip().lower() in ("1", "true", "yes", "on")


class Settings:
    PROJECT_NAME = "Customer chat"
    DATABASE_URL = os.getenv(
        "DATABASE_URL", "postgresql://chat:chat@localhost:5432/chat"
    )
    DB_POOL_SIZE = int(os.getenv("DB_POOL_SIZE", "10"))
    DB_MAX_OVERFLOW = int(os.getenv("DB_MAX_OVERFLOW", "20"))
    DB_ECHO = _flag("DB_ECHO")

    CELERY_BROKER_URL = os.getenv("CELERY_BROKER_URL", "redis://localhost:6379/0")
    CELERY_TASK_ALWAYS_EAGER = _flag("CELERY_TASK_ALWAYS_EAGER")

    SESSION_LIFETIME_MINUTES = int(os.getenv("SESSION_LIFETIME_MINUTES", "480"))
    WEBHOOK_SECRET = os.getenv("WEBHOOK_SECRET", "change-me")
    WEBHOOK_MAX_ATTEMPTS = int(os.getenv("WEBHOOK_MAX_ATTEMPTS", "3"))
    AGENT_MAX_OPEN_CHATS = int(os.getenv("AGENT_MAX_OPEN_CHATS", "5"))
    MAX_PAGE_SIZE = int(os.getenv("MAX_PAGE_SIZE", "100"))


settings = Settings()
