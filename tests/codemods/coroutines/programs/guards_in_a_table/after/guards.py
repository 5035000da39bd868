"""A guard that a table holds, so that anything may use it."""

from alchemove import session_depends
from fastapi import Depends, HTTPException
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from database import get_db
from models import Post, User
from session import get_session


async def author(name: str = "ada", db: AsyncSession = session_depends(get_session)) -> User:
    return await db.run_sync(lambda db: sync_author(name, db))


def sync_author(name: str = "ada", db: Session = Depends(get_db)) -> User:
    return db.scalars(select(User).where(User.name == name)).one()


def at_least(posts: int):
    def counter(user: User = Depends(sync_author), db: Session = Depends(get_db)) -> int:  # stays: not-reached
        found = len(db.scalars(select(Post).where(Post.author_id == user.id)).all())
        if found < posts:
            raise HTTPException(403, f"{found} of {posts}")
        return found

    return counter


GUARDS = {"writer": at_least}
