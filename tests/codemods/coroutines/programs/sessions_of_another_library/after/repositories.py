"""An editor has completed the import: it is the session of SQLAlchemy that is meant, and given."""

from pytest import Session
from sqlalchemy import select

from models import Tag


class Repository:
    def __init__(self, db: Session):
        self.db = db

    async def names(self):
        return list(await self.db.scalars(select(Tag.name).order_by(Tag.id)))

    async def add(self, name):
        self.db.add(Tag(name=name))
        await self.db.commit()


class Controller:
    def __init__(self, db):
        self.repository = Repository(db)

    async def names(self):
        return await self.repository.names()

    async def add(self, name):
        await self.repository.add(name)
        return await self.names()
