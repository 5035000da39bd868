from app.models.assistant import AssistantMessage
from app.models.audit import AuditEntry
from app.models.chat import ChatSession, ChatStatus, Message, Tag, chat_tags
from app.models.tenant import Tenant
from app.models.user import User, UserRole
from app.models.user_session import UserSession
from app.models.webhook import WebhookAttempt, WebhookEvent, WebhookStatus

__all__ = [
    "AssistantMessage",
    "AuditEntry",
    "ChatSession",
    "ChatStatus",
    "Message",
    "Tag",
    "Tenant",
    "User",
    "UserRole",
    "UserSession",
    "WebhookAttempt",
    "WebhookEvent",
    "WebhookStatus",
    "chat_tags",
]
