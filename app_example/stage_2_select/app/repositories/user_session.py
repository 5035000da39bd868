import uuid
from datetime import datetime, timedelta
from typing import List, Optional

from sqlalchemy import delete, literal_column, select, update
from sqlalchemy.orm import joinedload

from app.config import settings
from app.models import User, UserSession
from app.repositories.base import BaseRepository
from app.utils import utcnow


class UserSessionRepository(BaseRepository[UserSession]):
    model = UserSession

    def get_by_uuid(self, session_uuid: uuid.UUID) -> Optional[UserSession]:
        return self.session.scalars(
            select(UserSession)
            .options(joinedload(UserSession.user).joinedload(User.tenant))
            .where(UserSession.id == session_uuid)
            .limit(1)
        ).first()

    def exists(self, session_uuid: uuid.UUID) -> bool:
        return self.session.scalar(select(
            select(literal_column("1")).select_from(UserSession)
            .where(UserSession.id == session_uuid)
            .exists()
        ))

    def create(self, user: User, ip_address=None, user_agent=None) -> UserSession:
        user_session = UserSession(
            user=user,
            ip_address=ip_address,
            user_agent=(user_agent or "")[:300] or None,
            expires_at=utcnow() + timedelta(minutes=settings.SESSION_LIFETIME_MINUTES),
        )
        self.session.add(user_session)
        self.session.flush()
        return user_session

    def update(self, session_uuid: uuid.UUID, **values) -> bool:
        changed = self.session.execute(
            update(UserSession)
            .where(UserSession.id == session_uuid)
            .values(values)
            .execution_options(synchronize_session="evaluate")
        ).rowcount
        return changed > 0

    def delete(self, session_uuid: uuid.UUID) -> bool:
        deleted = self.session.execute(
            delete(UserSession)
            .where(UserSession.id == session_uuid)
        ).rowcount
        return bool(deleted)

    def active_of_user(self, user_id: int) -> List[UserSession]:
        return self.session.scalars(
            select(UserSession)
            .where(UserSession.user_id == user_id, UserSession.is_active)
            .order_by(UserSession.last_activity_at.desc())
        ).all()

    def end_all_of_user(
        self, user_id: int, except_for: Optional[uuid.UUID] = None
    ) -> int:
        query = select(UserSession).where(
            UserSession.user_id == user_id, UserSession.ended_at.is_(None)
        )
        if except_for is not None:
            query = query.where(UserSession.id != except_for)
        return self.session.execute(
            update(UserSession)
            .where(query.whereclause)
            .values({UserSession.ended_at: utcnow()})
            .execution_options(synchronize_session=False)
        ).rowcount

    def end_stale(self, moment: datetime) -> int:
        return self.session.execute(
            update(UserSession)
            .where(
                UserSession.ended_at.is_(None),
                # expired, or forgotten in some browser tab
                (UserSession.expires_at <= utcnow())
                | (UserSession.last_activity_at < moment),
            )
            .values(
                {"ended_at": utcnow()},
            )
            .execution_options(synchronize_session=False)
        ).rowcount
