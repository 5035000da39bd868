from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import Tag, User
from session import get_sync_session


class Store:
    def __init__(self, db: Session):
        self.db = db

    def names(self) -> list[str]:
        return list(self.db.scalars(select(User.name).order_by(User.id)))


class Audited(Store):
    def write(self, name: str) -> None:
        remember(self.db, name)


def remember(db: Session, name: str) -> None:
    db.add(Tag(name=name))
    db.flush()


def tag_names() -> list[str]:
    with get_sync_session() as db:
        return list(db.scalars(select(Tag.name).order_by(Tag.id)))


def count_tags() -> int:  # stays: command
    with get_sync_session() as db:
        return db.scalar(select(func.count(Tag.id)))


def log(text: str) -> None:  # stays: not-reached
    with get_sync_session() as db:
        db.add(Tag(name=text))
