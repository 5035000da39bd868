"""Queries that several services share.

They return the query, so that the caller can add filters, count or paginate.
"""

from datetime import timedelta

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Query, Session, joinedload

from app.models import ChatSession, ChatStatus, Message, Tag, User, UserRole
from app.utils import escape_like, utcnow


def tenant_users(db: Session, tenant_id: int, include_inactive: bool = False) -> Query:
    query = db.query(User).filter(User.tenant_id == tenant_id)
    if not include_inactive:
        query = query.filter(User.is_active.is_(True))
    return query


def tenant_chats(db: Session, tenant_id: int) -> Query:
    return db.query(ChatSession).filter(ChatSession.tenant_id == tenant_id)


def chats_with_people(db: Session, tenant_id: int) -> Query:
    """Chats with customer and agent loaded, for lists that show their names."""
    return tenant_chats(db, tenant_id).options(
        joinedload(ChatSession.customer), joinedload(ChatSession.agent)
    )


def filter_chats(query: Query, status=None, agent_id=None, tag=None, search=None):
    """Narrow a query of chats by what the list endpoint accepts."""
    if status:
        query = query.filter(ChatSession.status == status)
    if agent_id is not None:
        query = query.filter(ChatSession.agent_id == agent_id)
    if tag:
        query = query.filter(ChatSession.tags.any(Tag.name == tag.lower()))
    if search:
        pattern = "%" + escape_like(search) + "%"
        query = query.filter(
            or_(
                ChatSession.subject.ilike(pattern, escape="\\"),
                # the text of any message, whoever wrote it
                ChatSession.messages.any(Message.body.ilike(pattern, escape="\\")),
            )
        )
    return query


def unread_messages(db: Session, chat_id: int, reader_id: int) -> Select[tuple[Message]]:
    return select(Message).where(
        Message.chat_session_id == chat_id,
        Message.read_at.is_(None),
        or_(Message.sender_id != reader_id, Message.sender_id.is_(None)),
    )


def idle_chats(db: Session, hours: int) -> Select[tuple[ChatSession]]:
    """Open chats in which nobody has written for some hours."""
    threshold = utcnow() - timedelta(hours=hours)
    return select(ChatSession).where(
        ChatSession.status != ChatStatus.CLOSED,
        func.coalesce(ChatSession.last_message_at, ChatSession.created_at) < threshold,
    )


def open_chats_per_agent(db: Session, tenant_id: int):
    """Subquery: the number of open chats of each agent."""
    return (
        select(
            ChatSession.agent_id.label("agent_id"),
            func.count(ChatSession.id).label("open_chats"),
        )
        .where(
            ChatSession.tenant_id == tenant_id,
            ChatSession.status == ChatStatus.OPEN,
            ChatSession.agent_id.isnot(None),
        )
        .group_by(ChatSession.agent_id)
        .subquery()
    )


def available_agents(db: Session, tenant_id: int, limit: int) -> Select:
    """Agents with fewer open chats than the limit, the least busy first."""
    load = open_chats_per_agent(db, tenant_id)
    open_chats = func.coalesce(load.c.open_chats, 0)
    return (
        select(User, open_chats.label("open_chats"))
        .outerjoin(load, load.c.agent_id == User.id)
        .where(
            and_(
                User.tenant_id == tenant_id,
                User.role == UserRole.AGENT,
                User.is_active.is_(True),
            ),
            open_chats < limit,
        )
        .order_by(open_chats, User.id)
    )
