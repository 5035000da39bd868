from dataclasses import dataclass

from alchemove import session_depends
from fastapi import Depends, Header, HTTPException
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from database import get_db
from models import Tag, User
from session import get_session


@dataclass
class Context:
    user: str
    tags: int


async def decoded(token: str) -> str:
    return token.removeprefix("Bearer ")


def find_user(db: Session, name: str) -> User | None:  # stays: sync-endpoint
    return db.scalars(select(User).where(User.name == name)).first()


# It awaits, so it cannot run as a whole.
async def current_user(token: str = Header("Bearer ada"), db: AsyncSession = session_depends(get_session)) -> User:
    """Who asks."""
    name = await decoded(token)
    user = await db.run_sync(find_user, name)
    if user is None:
        raise HTTPException(401, "who")
    return user


async def sync_current_user(token: str = Header("Bearer ada"), db: Session = Depends(get_db)) -> User:
    """Who asks."""
    name = await decoded(token)
    user = find_user(db, name)
    if user is None:
        raise HTTPException(401, "who")
    return user


# A sync endpoint calls it itself.
async def context(user: User = Depends(current_user), db: AsyncSession = session_depends(get_session)) -> Context:
    return Context(user.name, len((await db.scalars(select(Tag))).all()))


def sync_context(user: User = Depends(sync_current_user), db: Session = Depends(get_db)) -> Context:
    return Context(user.name, len(db.scalars(select(Tag)).all()))


# It runs as a whole, and calls the copy there.
async def summary(user: User = Depends(current_user), db: AsyncSession = session_depends(get_session)) -> str:
    return await db.run_sync(lambda db: sync_summary(user, db))


def sync_summary(user: User = Depends(sync_current_user), db: Session = Depends(get_db)) -> str:
    found = sync_context(user, db)
    return f"{found.user} of {len(db.scalars(select(User)).all())}: {found.tags}"


def require(least: int):
    async def enough(user: User = Depends(current_user), db: AsyncSession = session_depends(get_session)) -> User:
        await decoded(user.name)
        if len((await db.scalars(select(Tag))).all()) < least:
            raise HTTPException(403, "too few")
        return user

    return enough


def sync_require(least: int):
    async def enough(user: User = Depends(sync_current_user), db: Session = Depends(get_db)) -> User:
        await decoded(user.name)
        if len(db.scalars(select(Tag)).all()) < least:
            raise HTTPException(403, "too few")
        return user

    return enough
