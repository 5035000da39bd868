"""Functions that tests have mocks replace."""

from alchemove import session_depends
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from session import get_session
from models import Tag, User


async def names(db: AsyncSession):
    return list(await db.scalars(select(Tag.name).order_by(Tag.id)))


async def count(db: AsyncSession) -> int:
    return await db.scalar(select(func.count(Tag.id)))


async def first(db: AsyncSession):
    return await db.scalar(select(Tag.name).where(Tag.id == 1))


def last(db: Session):  # stays: unfollowed-calls
    return db.scalars(select(Tag.name).order_by(Tag.id.desc())).first()


def told(db: Session):  # stays: unfollowed-calls
    return db.scalar(select(Tag.name).where(Tag.id == 2))


async def specified(db: AsyncSession):
    return await db.scalar(select(Tag.name).where(Tag.id == 1))


def assigned(db: Session):  # stays: unfollowed-calls
    return db.scalar(select(Tag.name).where(Tag.id == 2))


class Users:
    @staticmethod
    async def name(db: AsyncSession, number: int):
        user = await db.get(User, number)
        return user.name if user is not None else None

    async def current(self, number: int = 1, db: AsyncSession = session_depends(get_session)):
        return await db.get(User, number)


users = Users()
