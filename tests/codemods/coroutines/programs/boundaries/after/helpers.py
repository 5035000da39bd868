from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from models import Tag, User


def count_users(db: Session) -> int:  # stays: test
    return db.scalar(select(func.count(User.id)))


def count_tags(db: Session) -> int:  # stays: revision
    return db.scalar(select(func.count(Tag.id)))


def names(db: Session) -> list[str]:  # stays: import-time
    return list(db.scalars(select(User.name).order_by(User.id)))


class Figures:
    """Mostly runs what has to stay sync, so that it is run as a whole."""

    def __init__(self, db: Session):
        self.db = db

    def everything(self) -> dict:  # stays: cheapest-boundary
        return {"users": count_users(self.db), "tags": count_tags(self.db), "names": names(self.db)}

    def once_more(self) -> list:  # stays: cheapest-boundary
        return [count_users(self.db), count_tags(self.db)]


class Users:
    def __init__(self, db: Session):
        self.db = db

    def __iter__(self):  # stays: special-method
        return iter(self.db.scalars(select(User.name).order_by(User.id)).all())


class WithoutSession:
    def total(self, user: User) -> int:  # stays: no-session
        return len(user.posts)  # stays: shown-as-loaded


def each(db: Session):  # stays: generator
    yield from db.scalars(select(User.name))


def run(db: Session, statement):  # stays: not-reached
    return db.exec(statement).all()


class Unit:
    def __init__(self, db: Session):
        self.db = db

    def __enter__(self) -> "Unit":
        return self

    def __exit__(self, kind, error, traceback) -> None:  # stays: special-method
        self.db.commit()

    def __contains__(self, name: str) -> bool:  # stays: special-method
        return self.db.scalar(select(Tag).where(Tag.name == name)) is not None


class Named:
    """Its special methods do not talk to the database."""

    def __init__(self, db: AsyncSession, name: str):
        self.db = db
        self.name = name

    def __eq__(self, other) -> bool:
        return self.name == other.name

    def __bool__(self) -> bool:
        return bool(self.name)

    async def user(self) -> User:
        return (await self.db.scalars(select(User).where(User.name == self.name))).first()
