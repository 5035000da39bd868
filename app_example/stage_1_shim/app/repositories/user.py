from datetime import datetime
from typing import List, Optional

from sqlalchemy import or_
from sqlalchemy.orm import Query, aliased

from app.models import ChatSession, Message, User, UserRole, UserSession
from app.queries import tenant_users
from app.repositories.base import BaseRepository
from app.utils import escape_like

SORT_COLUMNS = {
    "email": User.email,
    "name": User.full_name,
    "created": User.created_at,
    "last_seen": User.last_seen_at,
}


class UserRepository(BaseRepository[User]):
    model = User

    def get_by_email(self, tenant_id: int, email: str) -> Optional[User]:
        return User.find_by_email(self.session, tenant_id, email)

    def search(
        self,
        tenant_id: int,
        text: Optional[str] = None,
        role: Optional[str] = None,
        include_inactive: bool = False,
        sort: str = "email",
        descending: bool = False,
    ) -> Query:
        query = tenant_users(self.session, tenant_id, include_inactive)
        if text:
            pattern = "%" + escape_like(text) + "%"
            query = query.filter(
                or_(
                    User.email.ilike(pattern, escape="\\"),
                    User.full_name.ilike(pattern, escape="\\"),
                )
            )
        if role:
            query = query.filter(User.role == role)
        column = SORT_COLUMNS.get(sort, User.email)
        return query.order_by(column.desc() if descending else column, User.id)

    def staff_emails(self, tenant_id: int) -> List[str]:
        rows = (
            self.session.query(User.email)
            .filter(User.tenant_id == tenant_id)
            .filter(User.role.in_(UserRole.STAFF))
            .order_by(User.email)
        )
        return [email for (email,) in rows]

    def inactive_since(self, tenant_id: int, moment: datetime) -> List[User]:
        """Users without a login and without a message since the moment."""
        recent_login = (
            self.session.query(UserSession.id)
            .filter(UserSession.user_id == User.id)
            .filter(UserSession.last_activity_at >= moment)
            .exists()
        )
        writers = self.session.query(Message.sender_id).filter(
            Message.created_at >= moment, Message.sender_id.isnot(None)
        )
        return (
            tenant_users(self.session, tenant_id)
            .filter(~recent_login, User.id.notin_(writers))
            .order_by(User.id)
            .all()
        )

    def colleagues_of(self, user: User) -> List[User]:
        """Agents who have served a customer this agent has served, too."""
        own = aliased(ChatSession)
        other = aliased(ChatSession)
        return (
            self.session.query(User)
            .join(other, other.agent_id == User.id)
            .join(own, own.customer_id == other.customer_id)
            .filter(own.agent_id == user.id, User.id != user.id)
            .order_by(User.email)
            .distinct()
            .all()
        )
