from abc import ABC, abstractmethod

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Tag


class Repository(ABC):
    @abstractmethod
    def __init__(self, db: Session):
        self.db = db


class Tags(Repository):
    def __init__(self, db: Session):
        Repository.__init__(self, db)

    def names(self) -> list[str]:
        return list(self.db.scalars(select(Tag.name).order_by(Tag.id)))

    def add(self, name: str) -> Tag:
        tag = Tag(name=name)
        self.db.add(tag)
        self.db.commit()
        self.db.refresh(tag)
        return tag

    def forget(self, name: str) -> int:
        self.db.add(Tag(name=name))
        self.db.flush()
        return len(self.names())


class TagService:
    def __init__(self, tags: Tags):
        self.tags = tags

    def names(self) -> list[str]:
        return self.tags.names()

    def added(self, name: str) -> str:
        return self.tags.add(name).name

    def forget(self, name: str) -> int:
        return self.tags.forget(name)


class Counter:
    def __init__(self, db: Session):
        self.db = db

    def count(self) -> int:  # stays: event-loop
        return len(self.db.scalars(select(Tag.id)).all())
