from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models import Post, User

T = TypeVar("T")


class Reading(ABC, Generic[T]):
    @abstractmethod
    async def everything(self) -> list[T]:
        """All objects."""


class Repository(Reading[T]):
    model: type[T]

    def __init__(self, session: AsyncSession):
        self.session = session

    async def by_id(self, ident) -> T:
        return await self.session.get(self.model, ident)

    async def by_id_or_raise(self, ident) -> T:
        found = await self.by_id(ident)
        if found is None:
            raise LookupError(ident)
        return found

    def statement(self):
        return select(self.model).order_by(self.model.id)

    async def everything(self) -> list[T]:
        return list(await self.session.scalars(self.statement()))


class UserRepository(Repository[User]):
    model = User

    def statement(self):
        return super().statement().where(User.name != "ben")

    async def named(self, name: str) -> User | None:
        return (await self.session.scalars(select(User).where(User.name == name))).first()


class PostRepository(Repository[Post]):
    model = Post

    async def everything(self) -> list[Post]:
        found = await super().everything()
        return [post for post in found if post.title]

    async def titles(self, user: User) -> list[str]:
        return [t for (t,) in await self.session.execute(select(Post.title).where(Post.author_id == user.id))]


class Figures:
    def __init__(self, db: AsyncSession):
        self._db: AsyncSession = db

    @property
    def session(self) -> AsyncSession:
        return self._db

    async def users(self) -> int:
        return len((await self.session.scalars(select(User))).all())

    async def posts(self) -> int:
        return len((await self._db.scalars(select(Post))).all())

    async def both(self) -> list[int]:
        session: AsyncSession = self.session
        return [(await session.get(User, 1)).id, len((await session.scalars(select(Post))).all())]


class Kept:
    db: AsyncSession

    def of(self, db: AsyncSession) -> "Kept":
        self.db = db
        return self

    async def first(self) -> str:
        return (await self.db.get(User, 1)).name


@dataclass
class Opened:
    db: AsyncSession


@dataclass
class Scope(Opened):
    name: str = "ada"
    seen: list[str] = field(default_factory=list)

    async def user(self) -> User | None:
        self.seen.append(self.name)
        return (await self.db.scalars(select(User).where(User.name == self.name))).first()
