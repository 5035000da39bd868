"""Logins of users."""

import logging
import uuid
from typing import List, Optional

from sqlalchemy.orm import Session

from app.exceptions import Forbidden, NotFound
from app.models import Tenant, UserSession
from app.repositories import UserRepository, UserSessionRepository
from app.services.audit import record
from app.utils import utcnow

logger = logging.getLogger(__name__)


class SessionService:
    def __init__(self, db: Session):
        self.db = db
        self.sessions = UserSessionRepository(db)
        self.users = UserRepository(db)

    def login(
        self,
        tenant: Tenant,
        email: str,
        ip_address: Optional[str] = None,
        user_agent: Optional[str] = None,
    ) -> UserSession:
        user = self.users.get_by_email(tenant.id, email)
        if user is None:
            raise NotFound("No user with this address")
        if not user.is_active or not tenant.is_active:
            raise Forbidden("The account is not active")
        try:
            user_session = self.sessions.create(user, ip_address, user_agent)
            user.last_seen_at = utcnow()
            record(self.db, tenant.id, "login", user_session)
            self.db.commit()
        except Exception:
            self.db.rollback()
            raise
        self.db.refresh(user_session)
        self.db.refresh(user_session, attribute_names=["user"])
        return user_session

    def current(self, session_uuid: uuid.UUID) -> UserSession:
        user_session = self.sessions.get_by_uuid(session_uuid)
        if user_session is None or not user_session.is_active:
            raise NotFound("No such session")
        return user_session

    def touch(self, session_uuid: uuid.UUID) -> UserSession:
        try:
            if not self.sessions.update(session_uuid, last_activity_at=utcnow()):
                raise NotFound("No such session")
            self.db.commit()
        except Exception:
            self.db.rollback()
            raise
        return self.current(session_uuid)

    def logout(self, session_uuid: uuid.UUID) -> None:
        if not self.sessions.exists(session_uuid):
            raise NotFound("No such session")
        try:
            self.sessions.delete(session_uuid)
            self.db.commit()
        except Exception:
            self.db.rollback()
            raise

    def active(self, user_id: int) -> List[UserSession]:
        return self.sessions.active_of_user(user_id)

    def revoke_all(self, user_id: int, keep: Optional[uuid.UUID] = None) -> int:
        try:
            ended = self.sessions.end_all_of_user(user_id, except_for=keep)
            self.db.commit()
            self.db.expire_all()
        except Exception:
            self.db.rollback()
            raise
        logger.info("Ended %d sessions of user %s", ended, user_id)
        return ended
