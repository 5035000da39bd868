"""Conversations: opening, assigning, writing, closing."""

import logging
from typing import List, Optional

from collections.abc import Sequence
from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from app.config import settings
from app.exceptions import Conflict, NotFound
from app.models import ChatSession, ChatStatus, Message, Tag, Tenant, User, UserRole
from app.queries import available_agents
from app.repositories import ChatRepository, MessageRepository, UserRepository
from app.schemas import ChatOut
from app.services.audit import record
from app.utils import utcnow

logger = logging.getLogger(__name__)


class ChatService:
    def __init__(self, db: Session, tenant: Tenant):
        self.db = db
        self.tenant = tenant
        self.chats = ChatRepository(db)
        self.messages = MessageRepository(db)
        self.users = UserRepository(db)

    def _user(self, user_id: int) -> User:
        user = self.db.scalars(
            select(User)
            .where(User.id == user_id, User.tenant_id == self.tenant.id)
            .limit(1)
        ).first()
        if not user:
            raise NotFound("User %s not found" % user_id)
        return user

    def get(self, chat_id: int, options: Sequence[ORMOption] = ()) -> ChatSession:
        chat = self.chats.get_for_tenant(self.tenant.id, chat_id, options=options)
        if chat is None:
            raise NotFound("Chat %s not found" % chat_id)
        return chat

    def detail(self, chat_id: int) -> dict:
        chat = self.get(
            chat_id,
            options=[joinedload(ChatSession.agent), joinedload(ChatSession.customer), selectinload(ChatSession.tags)],
        )
        return {
            **ChatOut.model_validate(chat).model_dump(),
            "message_count": self.messages.of_chat(chat).count(),
            "last_message": self.messages.of_chat(chat, newest_first=True).options(
                selectinload(Message.sender)
            ).first(),
        }

    def open(
        self,
        customer_id: int,
        subject: str,
        channel: str = "web",
        priority: int = 0,
        body: Optional[str] = None,
        tags: Optional[List[str]] = None,
    ) -> ChatSession:
        customer = self._user(customer_id)
        try:
            chat = self.chats.create(
                tenant_id=self.tenant.id,
                customer=customer,
                subject=subject,
                channel=channel,
                priority=priority,
                tags=[],
            )
            if tags:
                chat.tags = self._tags(tags)
            if body:
                self._append(chat, body, sender_id=customer.id)
            record(self.db, self.tenant.id, "chat.open", chat)
            self.db.commit()
        except Exception:
            self.db.rollback()
            raise
        self.db.refresh(chat)
        self.db.refresh(chat, attribute_names=["agent", "customer", "tags"])
        return chat

    def assign(self, chat_id: int, agent_id: int, options: Sequence[ORMOption] = ()) -> ChatSession:
        chat = self.get(chat_id, options=options)
        agent = self._user(agent_id)
        if agent.role not in UserRole.STAFF:
            raise Conflict("User %s is no agent" % agent_id)
        if not chat.is_open:
            raise Conflict("Chat %s is closed" % chat_id)
        open_chats = self.db.scalar(select(func.count()).select_from(
            select(ChatSession)
            .filter_by(agent_id=agent_id, status=ChatStatus.OPEN)
            .subquery()
        ))
        if open_chats >= settings.AGENT_MAX_OPEN_CHATS:
            raise Conflict("Agent %s has too many open chats" % agent_id)
        return self._take(chat, agent)

    def assign_next(self, agent_id: int) -> Optional[ChatSession]:
        agent = self._user(agent_id)
        chat = self.chats.next_waiting(self.tenant.id)
        if chat is None:
            self.db.rollback()
            return None
        return self._take(chat, agent)

    def auto_assign(self) -> int:
        """Give each waiting chat to the least busy agent, while there is one."""
        assigned = 0
        while True:
            row = self.db.execute(available_agents(
                self.db, self.tenant.id, settings.AGENT_MAX_OPEN_CHATS
            ).limit(1)).first()
            if row is None:
                break
            chat = self.chats.next_waiting(self.tenant.id)
            if chat is None:
                break
            self._take(chat, row.User)
            assigned += 1
        self.db.rollback()  # releases what next_waiting may have locked
        return assigned

    def _take(self, chat: ChatSession, agent: User) -> ChatSession:
        try:
            chat.agent = agent
            chat.status = ChatStatus.OPEN
            record(self.db, self.tenant.id, "chat.assign", chat, agent.email)
            self.db.commit()
        except Exception:
            self.db.rollback()
            raise
        return chat

    def write(
        self, chat_id: int, body: str, sender_id: Optional[int] = None, extra=None
    ) -> Message:
        chat = self.get(chat_id)
        if not chat.is_open:
            raise Conflict("Chat %s is closed" % chat_id)
        if sender_id is not None:
            self._user(sender_id)
        try:
            message = self._append(chat, body, sender_id, extra)
            self.db.commit()
        except Exception:
            self.db.rollback()
            raise
        self.db.refresh(message)
        self.db.refresh(message, attribute_names=["sender"])
        return message

    def _append(self, chat, body, sender_id=None, extra=None) -> Message:
        message = Message(sender_id=sender_id, body=body, extra=extra or {})
        chat.messages.append(message)
        chat.last_message_at = utcnow()
        self.db.flush()
        return message

    def mark_read(self, chat_id: int, reader_id: int) -> int:
        chat = self.get(chat_id)
        try:
            count = self.messages.mark_read(chat.id, reader_id)
            self.db.commit()
            self.db.expire_all()
        except Exception:
            self.db.rollback()
            raise
        return count

    def set_tags(self, chat_id: int, names: List[str]) -> ChatSession:
        chat = self.get(chat_id, options=[selectinload(ChatSession.tags)])
        try:
            chat.tags = self._tags(names)
            self.db.flush()
            self.chats.delete_unused_tags(self.tenant.id)
            self.db.commit()
            self.db.refresh(chat, attribute_names=["agent", "customer", "tags"])
        except Exception:
            self.db.rollback()
            raise
        return chat

    def _tags(self, names: List[str]) -> List[Tag]:
        unique = {name.strip().lower() for name in names if name.strip()}
        return [
            Tag.get_or_create(self.db, self.tenant.id, name) for name in sorted(unique)
        ]

    def close(self, chat_id: int, options: Sequence[ORMOption] = ()) -> ChatSession:
        chat = self.get(chat_id, options=options)
        if not chat.is_open:
            raise Conflict("Chat %s is already closed" % chat_id)
        try:
            chat.close()
            record(self.db, self.tenant.id, "chat.close", chat)
            self.db.commit()
        except Exception:
            self.db.rollback()
            raise
        return chat

    def delete(self, chat_id: int) -> None:
        chat = self.get(chat_id)
        try:
            self.chats.delete(chat)
            self.db.commit()
        except Exception:
            self.db.rollback()
            raise
        logger.info("Deleted chat %s of %s", chat_id, self.tenant.slug)
