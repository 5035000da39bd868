from typing import Annotated

from fastapi import Depends
from sqlalchemy import select

from session import SessionDep
from models import Post, Tag, User


class Users:
    def __init__(self, db: SessionDep):
        self.db = db

    async def names(self) -> list[str]:
        return list(await self.db.scalars(select(User.name).order_by(User.id)))


class Team:
    def __init__(self, users: Annotated[Users, Depends()]):
        self.users = users

    async def first(self) -> str:
        return (await self.users.names())[0]


class Tags:
    def __init__(self, db: SessionDep):
        self.db = db

    async def names(self) -> list[str]:
        return list(await self.db.scalars(select(Tag.name).order_by(Tag.id)))

    def drop(self, name: str) -> None:
        self.db.add(Tag(name=name))


class Posts:
    def __init__(self, db: SessionDep):
        self.db = db

    async def leave(self, title: str) -> str:
        self.db.add(Post(title=title, author_id=1))
        await self.db.flush()
        return title
