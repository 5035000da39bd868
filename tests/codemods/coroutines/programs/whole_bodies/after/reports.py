from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from session import SessionDep
from models import Post, User


class Report:
    def __init__(self, db: Session):
        self.db = db

    def __iter__(self):  # stays: special-method
        return iter(self.db.scalars(select(User.name).order_by(User.id)).all())


class Shelf:
    def __init__(self, db: Session):
        self.db = db

    def __contains__(self, ident: int) -> bool:  # stays: special-method
        return self.db.get(User, ident) is not None

    def __iter__(self):  # stays: special-method
        return iter(self.db.scalars(select(Post.title).order_by(Post.id)).all())


def get_report(db: SessionDep) -> Report:
    return Report(db.sync_session)


def get_shelf(db: SessionDep) -> Shelf:
    return Shelf(db.sync_session)


async def names_of(db: AsyncSession) -> list[str]:
    return list((await db.scalars(select(User.name).order_by(User.id))).all())
