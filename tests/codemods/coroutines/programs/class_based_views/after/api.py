from functools import cached_property

from alchemove import discard_uncommitted, session_depends
from fastapi import APIRouter, Depends, FastAPI
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from session import get_session
from models import Tag, User
from repositories import Repositories
from views import view

app = FastAPI()
users_router = APIRouter(prefix="/users")
tags_router = APIRouter(prefix="/tags")


async def current(ident: int = 1, db: AsyncSession = session_depends(get_session)) -> User:
    return await db.get(User, ident)


class Base:
    db: AsyncSession = session_depends(get_session)
    user: User = Depends(current)

    _repositories: Repositories | None = None

    @property
    def repositories(self) -> Repositories:
        if not self._repositories:
            self._repositories = Repositories(self.db)
        return self._repositories

    @property
    def count(self) -> int:  # stays: property
        return self.db.sync_session.scalar(select(func.count(User.id)))


@view(users_router)
class UsersView(Base):
    @cached_property
    def repository(self):
        return self.repositories.users

    @users_router.get("/names")
    async def get_all(self):
        return await self.repository.names()

    @users_router.get("/{ident}/name")
    async def get_one(self, ident: int):
        return [(await self.repository.by_ident(ident)).name, await self.db.run_sync(lambda _: self.count), self.user.name]


@view(tags_router)
class TagsView(Base):
    @cached_property
    def repository(self):
        return self.repositories.tags

    @tags_router.get("/names")
    async def get_all(self):
        """What goes through an object cannot await."""

        def in_session(session: Session):
            found = []
            for name in self.repository:
                found.append(name)
            return [*found, session.get(Tag, 1).name]

        return await self.db.run_sync(in_session)

    @tags_router.post("/")
    async def create_one(self, name: str):
        return await self.db.run_sync(lambda _: self.repository.create_one(name))

    @tags_router.post("/lost")
    async def lose_one(self, name: str):
        discard_uncommitted(self.db)
        self.db.add(Tag(name=name))
        return self.user.name


app.include_router(users_router)
app.include_router(tags_router)
