from app.repositories.chat import ChatRepository, MessageRepository
from app.repositories.tenant import TenantRepository
from app.repositories.user import UserRepository
from app.repositories.user_session import UserSessionRepository
from app.repositories.webhook import WebhookRepository

__all__ = [
    "ChatRepository",
    "MessageRepository",
    "TenantRepository",
    "UserRepository",
    "UserSessionRepository",
    "WebhookRepository",
]
