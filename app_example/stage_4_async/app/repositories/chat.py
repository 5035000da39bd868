from datetime import datetime
from typing import List, Optional

from collections.abc import Sequence
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Query, contains_eager, joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from app.models import ChatSession, ChatStatus, Message, Tag, User, chat_tags
from app.queries import chats_with_people, filter_chats, tenant_chats, unread_messages
from app.repositories.base import BaseRepository
from app.utils import escape_like, utcnow


class ChatRepository(BaseRepository[ChatSession]):
    model = ChatSession

    def get_for_tenant(self, tenant_id: int, chat_id: int, options: Sequence[ORMOption] = ()) -> Optional[ChatSession]:
        return (
            tenant_chats(self.session, tenant_id)
            .filter(ChatSession.id == chat_id)
            .options(*options)
            .one_or_none()
        )

    def search(self, tenant_id: int, sort: str = "recent", **criteria) -> Query:
        query = chats_with_people(self.session, tenant_id)
        query = query.options(selectinload(ChatSession.tags))
        query = filter_chats(query, **criteria)
        if sort == "priority":
            query = query.order_by(ChatSession.priority.desc())
        elif sort == "oldest":
            query = query.order_by(ChatSession.created_at)
        else:
            query = query.order_by(
                func.coalesce(
                    ChatSession.last_message_at, ChatSession.created_at
                ).desc()
            )
        return query.order_by(ChatSession.id)

    def inbox(self, tenant_id: int, agent_id: int) -> List[ChatSession]:
        """What an agent has to look at: own open chats and all that wait."""
        mine = tenant_chats(self.session, tenant_id).filter(
            ChatSession.agent_id == agent_id, ChatSession.status == ChatStatus.OPEN
        )
        waiting = tenant_chats(self.session, tenant_id).filter(
            ChatSession.status == ChatStatus.WAITING
        )
        return mine.union(waiting).order_by(ChatSession.id).options(
            selectinload(ChatSession.agent), selectinload(ChatSession.customer), selectinload(ChatSession.tags)
        ).all()

    def of_customer(self, email: str, tenant_id: int) -> List[ChatSession]:
        return self.session.scalars(
            select(ChatSession)
            .join(ChatSession.customer)
            .where(ChatSession.tenant_id == tenant_id)
            .where(User.email == email)  # of the joined user
            .order_by(ChatSession.id)
            .options(joinedload(ChatSession.agent), joinedload(ChatSession.customer), selectinload(ChatSession.tags))
        ).all()

    def with_tag(self, tenant_id: int, name: str) -> List[ChatSession]:
        """Chats with the tag, and of their tags only this one loaded."""
        return self.session.scalars(
            select(ChatSession)
            .join(ChatSession.tags)
            .options(contains_eager(ChatSession.tags))
            .where(ChatSession.tenant_id == tenant_id, Tag.name == name.lower())
            .order_by(ChatSession.id)
            .execution_options(populate_existing=True)
            .options(selectinload(ChatSession.agent), selectinload(ChatSession.customer))
        ).unique().all()

    def next_waiting(self, tenant_id: int) -> Optional[ChatSession]:
        """Lock the most urgent chat that waits, so that two agents never get it."""
        return self.session.scalars(
            select(ChatSession)
            .filter_by(tenant_id=tenant_id, status=ChatStatus.WAITING)
            .order_by(ChatSession.priority.desc(), ChatSession.id)
            .with_for_update(skip_locked=True)
            .limit(1)
            .options(
                selectinload(ChatSession.agent), selectinload(ChatSession.customer), selectinload(ChatSession.tags)
            )
        ).first()

    def last_of_customer(self, customer_id: int) -> Optional[ChatSession]:
        chats = self.session.scalars(
            select(ChatSession)
            .where(ChatSession.customer_id == customer_id)
            .order_by(ChatSession.id.desc()).slice(0, 1)
        ).all()
        return chats[0] if chats else None

    def popular_tags(self, tenant_id: int, limit: int = 10):
        return self.session.execute(
            select(Tag.name, func.count(chat_tags.c.chat_session_id))
            .join(chat_tags, chat_tags.c.tag_id == Tag.id)
            .where(Tag.tenant_id == tenant_id)
            .group_by(Tag.name)
            .order_by(func.count(chat_tags.c.chat_session_id).desc(), Tag.name)
            .limit(limit)
        ).all()

    def delete_unused_tags(self, tenant_id: int) -> int:
        used = select(chat_tags.c.tag_id)
        return self.session.execute(
            delete(Tag)
            .where(Tag.tenant_id == tenant_id, ~Tag.id.in_(used))
            .execution_options(synchronize_session=False)
        ).rowcount


class MessageRepository(BaseRepository[Message]):
    model = Message

    def of_chat(self, chat: ChatSession, newest_first: bool = False) -> Query:
        query = chat.messages
        if newest_first:
            query = query.order_by(None).order_by(Message.id.desc())
        return query

    def search(
        self,
        tenant_id: int,
        text: Optional[str] = None,
        sender_id: Optional[int] = None,
        since: Optional[datetime] = None,
        unread_only: bool = False,
    ) -> Query:
        filters = [ChatSession.tenant_id == tenant_id]
        if text:
            filters.append(Message.body.ilike("%" + escape_like(text) + "%"))
        if sender_id is not None:
            filters.append(Message.sender_id == sender_id)
        if since is not None:
            filters.append(Message.created_at >= since)
        if unread_only:
            filters.append(Message.read_at.is_(None))
        return (
            self.session.query(Message)
            .join(Message.chat_session)
            # the sender is shown with every message
            .options(joinedload(Message.sender))
            .filter(*filters)
            .order_by(Message.created_at.desc(), Message.id.desc())
        )

    def unread_count(self, chat_id: int, reader_id: int) -> int:
        return self.session.scalar(select(func.count()).select_from(
            unread_messages(self.session, chat_id, reader_id).subquery()
        ))

    def mark_read(self, chat_id: int, reader_id: int) -> int:
        return self.session.execute(update(Message).where(unread_messages(self.session, chat_id, reader_id).whereclause).values(
            {Message.read_at: utcnow()},
        ).execution_options(synchronize_session=False)).rowcount

    def participants(self, chat_id: int) -> List[User]:
        senders = (
            select(Message.sender_id)
            .where(Message.chat_session_id == chat_id)
            .distinct()
            .subquery()
        )
        return self.session.scalars(
            select(User)
            .join(senders, senders.c.sender_id == User.id)
            .order_by(User.id)
        ).unique().all()
