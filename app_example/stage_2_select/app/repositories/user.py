from datetime import datetime
from typing import List, Optional

from sqlalchemy import literal_column, or_, select
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
            select(User.email)
            .where(User.tenant_id == tenant_id)
            .where(User.role.in_(UserRole.STAFF))
            .order_by(User.email)
        )
        return [email for (email,) in self.session.execute(rows)]

    def inactive_since(self, tenant_id: int, moment: datetime) -> List[User]:
        """Users without a login and without a message since the moment."""
        recent_login = (
            select(UserSession.id)
            .where(UserSession.user_id == User.id)
            .where(UserSession.last_activity_at >= moment)
            .with_only_columns(literal_column("1"), maintain_column_froms=True)
            .exists()
        )
        writers = select(Message.sender_id).where(
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
        return self.session.scalars(
            select(User)
            .join(other, other.agent_id == User.id)
            .join(own, own.customer_id == other.customer_id)
            .where(own.agent_id == user.id, User.id != user.id)
            .order_by(User.email)
            .distinct()
        ).all()
