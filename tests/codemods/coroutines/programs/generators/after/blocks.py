from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import contextmanager
import contextlib

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from models import Post, Tag, User
from session import get_async_session


@contextlib.asynccontextmanager
async def committed(db: AsyncSession) -> AsyncIterator[AsyncSession]:
    try:
        yield db
        await db.commit()
    except Exception:
        await db.rollback()
        raise


@contextlib.asynccontextmanager
async def counting(db: AsyncSession, user: User) -> AsyncGenerator[None, None]:
    """Nothing but what the database knows."""
    user.logins = await db.scalar(select(User.logins).where(User.id == user.id)) + 1
    yield
    await db.flush()


@contextmanager
def forgiving(db: Session):  # stays: generator
    try:
        yield
        db.commit()
    except ValueError:
        db.rollback()


@contextlib.asynccontextmanager
async def on_its_own():
    async with get_async_session() as session:
        yield session


@contextmanager
def locked(db: Session):  # stays: generator
    yield db.get(User, 1)


async def names(db: AsyncSession) -> AsyncIterator[str]:
    for name in await db.scalars(select(User.name).order_by(User.id)):
        yield name


async def titles(db: AsyncSession, name: str) -> AsyncGenerator[str, None]:
    user = (await db.scalars(select(User).where(User.name == name))).one()
    for post in await db.scalars(select(Post).where(Post.author_id == user.id).order_by(Post.id)):
        yield post.title


def guarded(db: Session) -> Iterator[str]:  # stays: generator
    try:
        for name in db.scalars(select(User.name).order_by(User.id)):
            yield name
    finally:
        db.expire_all()


def tags(db: Session) -> Iterator[str]:  # stays: generator
    yield from db.scalars(select(Tag.name).order_by(Tag.id))


def stepwise(db: Session) -> Iterator[str]:  # stays: generator
    for name in db.scalars(select(Tag.name).order_by(Tag.id)):
        yield name


def streaming(db: Session) -> Iterator[str]:  # stays: generator
    for name in db.scalars(select(Tag.name).order_by(Tag.id)):
        yield f'"{name}"'


class Posts:
    def __init__(self, db: AsyncSession) -> None:
        self.db = db

    @contextlib.asynccontextmanager
    async def renaming(self, ident: int) -> AsyncIterator[Post]:
        post = await self.db.get(Post, ident)
        yield post
        await self.db.commit()

    async def all(self) -> AsyncIterator[Post]:
        for post in await self.db.scalars(select(Post).order_by(Post.id)):
            yield post
