from abc import ABC, abstractmethod

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from models import Tag


class Repository(ABC):
    @abstractmethod
    def __init__(self, db: AsyncSession):
        self.db = db


class Tags(Repository):
    def __init__(self, db: AsyncSession):
        Repository.__init__(self, db)

    async def names(self) -> list[str]:
        return list(await self.db.scalars(select(Tag.name).order_by(Tag.id)))

    async def add(self, name: str) -> Tag:
        tag = Tag(name=name)
        self.db.add(tag)
        await self.db.commit()
        await self.db.refresh(tag)
        return tag

    async def forget(self, name: str) -> int:
        self.db.add(Tag(name=name))
        await self.db.flush()
        return len(await self.names())


class TagService:
    def __init__(self, tags: Tags):
        self.tags = tags

    async def names(self) -> list[str]:
        return await self.tags.names()

    async def added(self, name: str) -> str:
        return (await self.tags.add(name)).name

    async def forget(self, name: str) -> int:
        return await self.tags.forget(name)


class Counter:
    def __init__(self, db: Session):
        self.db = db

    def count(self) -> int:  # stays: event-loop
        return len(self.db.scalars(select(Tag.id)).all())
