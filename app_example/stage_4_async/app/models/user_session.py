import uuid

from sqlalchemy import Column, DateTime, ForeignKey, Integer, String
from sqlalchemy.dialects.postgresql import UUID
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import relationship

from app.db.session import Base
from app.models.mixins import TimestampMixin
from app.utils import utcnow


class UserSession(TimestampMixin, Base):
    """A login of a user: the UUID is what the browser holds."""

    __tablename__ = "user_sessions"

    id = Column(UUID(as_uuid=True), primary_key=True, default=uuid.uuid4)
    user_id = Column(
        Integer, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True
    )
    ip_address = Column(String(45))
    user_agent = Column(String(300))
    last_activity_at = Column(DateTime(timezone=True), default=utcnow, nullable=False)
    expires_at = Column(DateTime(timezone=True), nullable=False)
    ended_at = Column(DateTime(timezone=True))

    user = relationship("User", back_populates="sessions")

    @hybrid_property
    def is_active(self):
        return self.ended_at is None and self.expires_at > utcnow()

    @is_active.expression
    def is_active(cls):
        return (cls.ended_at.is_(None)) & (cls.expires_at > utcnow())
