from functools import cached_property

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from models import Tag, User


class Users:
    def __init__(self, db: AsyncSession):
        self.db = db

    async def names(self) -> list[str]:
        return list((await self.db.scalars(select(User.name).order_by(User.id))).all())

    async def by_ident(self, ident: int) -> User | None:
        return await self.db.get(User, ident)


class Tags:
    def __init__(self, db: Session):
        self.db = db

    def create_one(self, name: str) -> str:  # stays: special-method
        self.db.add(Tag(name=name))
        self.db.commit()
        return name

    def __iter__(self):  # stays: special-method
        return iter(self.db.scalars(select(Tag.name).order_by(Tag.id)).all())


class Repositories:
    def __init__(self, db: AsyncSession):
        self.db = db

    @cached_property
    def users(self) -> Users:
        return Users(self.db)

    @cached_property
    def tags(self) -> Tags:
        return Tags(self.db.sync_session)
