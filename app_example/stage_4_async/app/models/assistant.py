from sqlalchemy import Column, Integer, String, Text, UniqueConstraint

from app.db.session import Base
from app.models.mixins import TimestampMixin


class AssistantMessage(TimestampMixin, Base):
    """What the assistant remembers of a conversation, see `app.chat_store`."""

    __tablename__ = "assistant_messages"
    __table_args__ = (
        UniqueConstraint(
            "store_key",
            "position",
            name="uq_assistant_messages_key_position",
            deferrable=True,
            initially="DEFERRED",
        ),
    )

    id = Column(Integer, primary_key=True)
    store_key = Column(String(120), nullable=False, index=True)
    position = Column(Integer, nullable=False)
    role = Column(String(20), nullable=False)
    content = Column(Text, nullable=False)
