from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models import Tag, User
from session import get_async_session, get_sync_session


class Store:
    def __init__(self, db: AsyncSession):
        self.db = db

    async def names(self) -> list[str]:
        return list(await self.db.scalars(select(User.name).order_by(User.id)))


class Audited(Store):
    async def write(self, name: str) -> None:
        await remember(self.db, name)


async def remember(db: AsyncSession, name: str) -> None:
    db.add(Tag(name=name))
    await db.flush()


async def tag_names() -> list[str]:
    async with get_async_session() as db:
        return list(await db.scalars(select(Tag.name).order_by(Tag.id)))


def count_tags() -> int:  # stays: command
    with get_sync_session() as db:
        return db.scalar(select(func.count(Tag.id)))


def log(text: str) -> None:  # stays: not-reached
    with get_sync_session() as db:
        db.add(Tag(name=text))
