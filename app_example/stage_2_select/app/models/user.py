from datetime import timedelta

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Integer,
    String,
    UniqueConstraint,
    func,
    select,
    text,
)
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import relationship

from app.database import Base
from app.models.mixins import TimestampMixin
from app.utils import utcnow


class UserRole:
    CUSTOMER = "customer"
    AGENT = "agent"
    ADMIN = "admin"

    ALL = (CUSTOMER, AGENT, ADMIN)
    STAFF = (AGENT, ADMIN)


class User(TimestampMixin, Base):
    __tablename__ = "users"
    __table_args__ = (
        UniqueConstraint("tenant_id", "email", name="uq_users_tenant_email"),
    )

    id = Column(Integer, primary_key=True)
    tenant_id = Column(
        Integer,
        ForeignKey("tenants.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    )
    email = Column(String(254), nullable=False)
    first_name = Column(String(100), nullable=False, default="", server_default="")
    last_name = Column(String(100), nullable=False, default="", server_default="")
    role = Column(
        String(20),
        nullable=False,
        default=UserRole.CUSTOMER,
        server_default=UserRole.CUSTOMER,
    )
    is_active = Column(
        Boolean, nullable=False, default=True, server_default=text("true")
    )
    last_seen_at = Column(DateTime(timezone=True))

    tenant = relationship("Tenant", back_populates="users")
    sessions = relationship(
        "UserSession", back_populates="user", cascade="all, delete-orphan"
    )
    assigned_chats = relationship(
        "ChatSession", foreign_keys="ChatSession.agent_id", back_populates="agent"
    )

    @hybrid_property
    def full_name(self):
        return (self.first_name + " " + self.last_name).strip()

    @full_name.expression
    def full_name(cls):
        return func.trim(cls.first_name + " " + cls.last_name)

    @property
    def is_online(self):
        if self.last_seen_at is None:
            return False
        return self.last_seen_at > utcnow() - timedelta(minutes=5)

    @classmethod
    def find_by_email(cls, db, tenant_id, email):
        return db.scalars(
            select(cls)
            .where(cls.tenant_id == tenant_id, func.lower(cls.email) == email.lower())
        ).one_or_none()

    def __repr__(self):
        return "<User %s>" % self.email
