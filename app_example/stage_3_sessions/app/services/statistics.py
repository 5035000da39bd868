"""Figures for the dashboard."""

from datetime import timedelta
from typing import Any, Dict, List

from sqlalchemy import and_, case, distinct, func, literal, literal_column, select, union_all
from sqlalchemy.orm import Session, aliased

from app.models import ChatSession, ChatStatus, Message, User, UserRole, UserSession
from app.queries import tenant_chats, tenant_users
from app.utils import utcnow


class StatisticsService:
    def __init__(self, session: Session, tenant_id: int):
        self.session = session
        self.tenant_id = tenant_id

    def overview(self) -> Dict[str, Any]:
        chats = tenant_chats(self.session, self.tenant_id)
        messages = self.session.scalar(
            select(func.count(Message.id))
            .join(ChatSession, Message.chat_session_id == ChatSession.id)
            .where(ChatSession.tenant_id == self.tenant_id)
        )
        logged_in = self.session.scalar(
            select(func.count(distinct(UserSession.user_id)))
            .select_from(UserSession)
            .join(User)
            .where(User.tenant_id == self.tenant_id, UserSession.is_active)
        )
        has_urgent = self.session.scalar(select(
            chats.filter(
                ChatSession.status == ChatStatus.WAITING, ChatSession.priority >= 5
            ).exists()
        ))
        return {
            "users": tenant_users(self.session, self.tenant_id).count(),
            "logged_in": logged_in,
            "chats": chats.count(),
            "open_chats": chats.filter(ChatSession.is_open).count(),
            "messages": messages,
            "has_urgent": has_urgent,
        }

    def by_status(self) -> Dict[str, int]:
        rows = self.session.execute(
            select(ChatSession.status, func.count())
            .where(ChatSession.tenant_id == self.tenant_id)
            .group_by(ChatSession.status)
        ).all()
        return {status: count for status, count in rows}

    def agents(self) -> List[Dict[str, Any]]:
        """Open and closed chats and written messages of each agent."""
        written = (
            select(
                Message.sender_id, func.count(Message.id).label("messages")
            )
            .group_by(Message.sender_id)
            .subquery()
        )
        open_chats = func.sum(case((ChatSession.status == ChatStatus.OPEN, 1), else_=0))
        closed_chats = func.sum(
            case((ChatSession.status == ChatStatus.CLOSED, 1), else_=0)
        )
        rows = self.session.execute(
            select(
                User.email,
                func.coalesce(open_chats, 0).label("open"),
                func.coalesce(closed_chats, 0).label("closed"),
                func.coalesce(func.max(written.c.messages), 0).label("messages"),
            )
            .outerjoin(ChatSession, ChatSession.agent_id == User.id)
            .outerjoin(written, written.c.sender_id == User.id)
            .where(User.tenant_id == self.tenant_id, User.role == UserRole.AGENT)
            .group_by(User.email)
            .order_by(User.email)
        ).all()
        return [
            {
                "email": row.email,
                "open": row.open,
                "closed": row.closed,
                "messages": row.messages,
            }
            for row in rows
        ]

    def daily(self, days: int = 7) -> List[Dict[str, Any]]:
        since = utcnow() - timedelta(days=days)
        day = func.date(ChatSession.created_at)
        query = select(day.label("day"), func.count(ChatSession.id))
        query = query.where(ChatSession.tenant_id == self.tenant_id)
        query = query.where(ChatSession.created_at >= since)
        query = query.group_by(day).order_by(day)
        return [{"day": row[0].isoformat(), "chats": row[1]} for row in self.session.execute(query)]

    def busy_customers(self, minimum: int = 2) -> List[Dict[str, Any]]:
        chats = func.count(ChatSession.id)
        query = (
            select(User, chats)
            .join(ChatSession, ChatSession.customer_id == User.id)
            .where(User.tenant_id == self.tenant_id)
            .group_by(User.id)
            .having(chats >= minimum)
            .order_by(chats.desc(), User.id)
        )
        return [{"email": user.email, "chats": count} for user, count in self.session.execute(query)]

    def unanswered(self) -> List[int]:
        """Ids of open chats in which only the customer has written."""
        answer = aliased(Message)
        answered = (
            select(literal_column("1")).select_from(answer)
            .where(
                answer.chat_session_id == ChatSession.id,
                answer.sender_id != ChatSession.customer_id,
            )
            .exists()
        )
        rows = (
            select(ChatSession.id)
            .where(
                and_(ChatSession.tenant_id == self.tenant_id, ChatSession.is_open),
                ~answered,
            )
            .order_by(ChatSession.id)
        )
        return [chat_id for (chat_id,) in self.session.execute(rows).all()]

    def activity(self, limit: int = 20) -> List[Dict[str, Any]]:
        """The latest chats and logins in one list."""
        opened = select(
            literal("chat").label("kind"),
            ChatSession.subject.label("title"),
            ChatSession.created_at.label("moment"),
        ).where(ChatSession.tenant_id == self.tenant_id)
        logins = (
            select(
                literal("login").label("kind"),
                User.email.label("title"),
                UserSession.created_at.label("moment"),
            )
            .join(User, UserSession.user_id == User.id)
            .where(User.tenant_id == self.tenant_id)
        )
        latest = select(union_all(opened, logins).subquery()).subquery()
        rows = self.session.execute(
            select(latest)
            .order_by(latest.c.moment.desc())
            .limit(limit)
        ).all()
        return [
            {"kind": kind, "title": title, "moment": moment}
            for kind, title, moment in rows
        ]
