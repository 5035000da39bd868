from abc import ABC, abstractmethod

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import Tag


class Tags(ABC):
    @abstractmethod
    def names(self) -> list[str]: ...

    @abstractmethod
    def count(self) -> int:
        """Nothing calls it, nor what implements it."""


class StoredTags(Tags):
    def __init__(self, db: Session) -> None:
        self.db = db

    def names(self) -> list[str]:
        return list(self.db.scalars(select(Tag.name).order_by(Tag.id)))

    def count(self) -> int:
        return self.db.scalar(select(func.count(Tag.id)))


KEPT = []


def listed(method):
    KEPT.append(method)
    return method


class Listed(ABC):
    def __init__(self, db: Session) -> None:
        self.db = db

    @listed
    def first(self):  # stays: not-reached
        """Run by the list."""
        return self.db.scalars(select(Tag.name).order_by(Tag.id)).first()
