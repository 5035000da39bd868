from sqlalchemy import (
    JSON,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    select,
)
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import object_session, relationship, with_parent

from app.db.session import Base
from app.models.mixins import TimestampMixin
from app.utils import utcnow


class ChatStatus:
    WAITING = "waiting"
    OPEN = "open"
    CLOSED = "closed"

    ALL = (WAITING, OPEN, CLOSED)


chat_tags = Table(
    "chat_tags",
    Base.metadata,
    Column(
        "chat_session_id",
        Integer,
        ForeignKey("chat_sessions.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column(
        "tag_id", Integer, ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True
    ),
)


class Tag(Base):
    __tablename__ = "tags"
    __table_args__ = (
        UniqueConstraint("tenant_id", "name", name="uq_tags_tenant_name"),
    )

    id = Column(Integer, primary_key=True)
    tenant_id = Column(
        Integer, ForeignKey("tenants.id", ondelete="CASCADE"), nullable=False
    )
    name = Column(String(50), nullable=False)

    @classmethod
    def get_or_create(cls, db, tenant_id, name):
        name = name.strip().lower()
        tag = db.scalars(select(cls).filter_by(tenant_id=tenant_id, name=name).limit(1)).first()
        if tag is None:
            tag = cls(tenant_id=tenant_id, name=name)
            db.add(tag)
            db.flush()
        return tag


class ChatSession(TimestampMixin, Base):
    """A conversation of a customer with the support team."""

    __tablename__ = "chat_sessions"
    __table_args__ = (Index("ix_chat_sessions_tenant_status", "tenant_id", "status"),)

    id = Column(Integer, primary_key=True)
    tenant_id = Column(
        Integer, ForeignKey("tenants.id", ondelete="CASCADE"), nullable=False
    )
    customer_id = Column(
        Integer, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True
    )
    agent_id = Column(
        Integer, ForeignKey("users.id", ondelete="SET NULL"), nullable=True, index=True
    )
    subject = Column(String(200), nullable=False)
    channel = Column(String(20), nullable=False, default="web", server_default="web")
    status = Column(
        String(20),
        nullable=False,
        default=ChatStatus.WAITING,
        server_default=ChatStatus.WAITING,
    )
    priority = Column(Integer, nullable=False, default=0, server_default="0")
    last_message_at = Column(DateTime(timezone=True))
    closed_at = Column(DateTime(timezone=True))

    customer = relationship("User", foreign_keys=[customer_id])
    agent = relationship(
        "User", foreign_keys=[agent_id], back_populates="assigned_chats"
    )
    tags = relationship("Tag", secondary=chat_tags, order_by="Tag.name")
    # long conversations have thousands of messages: never load them as a list
    messages = relationship(
        "Message",
        lazy="dynamic",
        back_populates="chat_session",
        order_by="Message.id",
        cascade="all, delete-orphan",
        passive_deletes=True,
    )

    @hybrid_property
    def is_open(self):
        return self.status != ChatStatus.CLOSED

    @property
    def transcript(self):
        """The conversation as text, for mails and exports."""
        lines = ["%s (%s)" % (self.subject, self.customer.full_name)]
        for message in object_session(self).scalars(
            select(Message)
            .where(with_parent(self, ChatSession.messages))
            .order_by(Message.id)
            .where(Message.body != "")
        ):
            name = message.sender.full_name if message.sender else "System"
            lines.append("%s: %s" % (name, message.body))
        return "\n".join(lines)

    def close(self):
        self.status = ChatStatus.CLOSED
        self.closed_at = utcnow()


class Message(Base):
    __tablename__ = "messages"
    __table_args__ = (
        Index("ix_messages_chat_created", "chat_session_id", "created_at"),
    )

    id = Column(Integer, primary_key=True)
    chat_session_id = Column(
        Integer, ForeignKey("chat_sessions.id", ondelete="CASCADE"), nullable=False
    )
    sender_id = Column(Integer, ForeignKey("users.id", ondelete="SET NULL"))
    body = Column(Text, nullable=False)
    extra = Column(JSON, nullable=False, default=dict, server_default="{}")
    created_at = Column(DateTime(timezone=True), default=utcnow, nullable=False)
    read_at = Column(DateTime(timezone=True))

    chat_session = relationship("ChatSession", back_populates="messages")
    sender = relationship("User")
