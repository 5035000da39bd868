"""Memory of the assistant.

The assistant library calls its chat store synchronously, from its own code: the
methods and their signatures are those of its base class.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import List, Optional

from sqlalchemy import delete, func, select, update

from app.database import SessionLocal
from app.models import AssistantMessage


@dataclass
class StoredMessage:
    role: str
    content: str


class BaseChatStore(ABC):
    """The interface that the assistant library demands."""

    @abstractmethod
    def set_messages(self, key: str, messages: List[StoredMessage]) -> None:
        """Replace all messages of a key."""

    @abstractmethod
    def get_messages(self, key: str) -> List[StoredMessage]:
        """All messages of a key, the oldest first."""

    @abstractmethod
    def add_message(self, key: str, message: StoredMessage) -> None:
        """Append a message."""

    @abstractmethod
    def delete_messages(self, key: str) -> Optional[List[StoredMessage]]:
        """Delete and return all messages of a key, None if there are none."""

    @abstractmethod
    def delete_message(self, key: str, idx: int) -> Optional[StoredMessage]:
        """Delete and return one message by its position."""

    @abstractmethod
    def delete_last_message(self, key: str) -> Optional[StoredMessage]:
        """Delete and return the last message."""

    @abstractmethod
    def get_keys(self) -> List[str]:
        """All keys that have messages."""


class SQLChatStore(BaseChatStore):
    def __init__(self, session_factory=SessionLocal):
        self.session_factory = session_factory

    @staticmethod
    def _of_key(db, key):
        return (
            select(AssistantMessage)
            .where(AssistantMessage.store_key == key)
            .order_by(AssistantMessage.position)
        )

    @staticmethod
    def _stored(row):
        return StoredMessage(role=row.role, content=row.content)

    def set_messages(self, key, messages):
        db = self.session_factory()
        try:
            db.execute(delete(AssistantMessage).filter_by(store_key=key))
            db.add_all(
                AssistantMessage(
                    store_key=key,
                    position=position,
                    role=message.role,
                    content=message.content,
                )
                for position, message in enumerate(messages)
            )
            db.commit()
        except Exception:
            db.rollback()
            raise
        finally:
            db.close()

    def get_messages(self, key):
        with self.session_factory() as db:
            return [self._stored(row) for row in db.scalars(self._of_key(db, key))]

    def add_message(self, key, message):
        db = self.session_factory()
        try:
            count = db.scalar(select(func.count()).select_from(
                select(AssistantMessage).filter_by(store_key=key).subquery()
            ))
            db.add(
                AssistantMessage(
                    store_key=key,
                    position=count,
                    role=message.role,
                    content=message.content,
                )
            )
            db.commit()
        except Exception:
            db.rollback()
            raise
        finally:
            db.close()

    def delete_messages(self, key):
        db = self.session_factory()
        try:
            rows = db.scalars(self._of_key(db, key)).all()
            removed = [self._stored(row) for row in rows]
            for row in rows:
                db.delete(row)
            db.commit()
        except Exception:
            db.rollback()
            raise
        finally:
            db.close()
        return removed or None

    def delete_message(self, key, idx):
        db = self.session_factory()
        try:
            row = db.scalars(self._of_key(db, key).filter_by(position=idx)).one_or_none()
            if row is None:
                return None
            removed = self._stored(row)
            db.delete(row)
            db.flush()
            # close the gap
            db.execute(update(AssistantMessage).where(
                AssistantMessage.store_key == key, AssistantMessage.position > idx
            ).values(
                {AssistantMessage.position: AssistantMessage.position - 1},
            ).execution_options(synchronize_session=False))
            db.commit()
            return removed
        except Exception:
            db.rollback()
            raise
        finally:
            db.close()

    def delete_last_message(self, key):
        with self.session_factory() as db:
            count = db.scalar(select(func.count()).select_from(self._of_key(db, key).order_by(None).subquery()))
        if count == 0:
            return None
        return self.delete_message(key, count - 1)

    def get_keys(self):
        with self.session_factory() as db:
            keys = db.execute(
                select(AssistantMessage.store_key)
                .distinct()
                .order_by(AssistantMessage.store_key)
            ).all()
        return [key for (key,) in keys]
