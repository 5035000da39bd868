"""What nothing calls any more calls what all requests need."""

from alchemove import session_depends
from fastapi import Depends, HTTPException
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from database import get_db
from models import Post, User
from session import get_session


async def current_user(name: str = "ada", db: AsyncSession = session_depends(get_session)):
    user = (await db.scalars(select(User).where(User.name == name))).first()
    if user is None:
        raise HTTPException(401, "who")
    return user


def member_of(team_id: int, user: User = Depends(current_user)):
    return user.team_id == team_id


async def titles(db: AsyncSession, user_id: int) -> list[str]:
    return list(await db.scalars(select(Post.title).where(Post.author_id == user_id).order_by(Post.id)))


async def current_writer(name: str = "ada", db: AsyncSession = session_depends(get_session)):
    """No endpoint depends on it."""
    user = await current_user(name, db)
    if not await titles(db, user.id):
        raise HTTPException(403, "write first")
    return user


async def first_title(db: AsyncSession, user_id: int) -> str:
    """Nothing calls it."""
    return (await titles(db, user_id) or ["none"])[0]


def count(db: Session) -> int:  # stays: not-reached
    """Nothing calls it either, and it calls nothing."""
    return len(db.scalars(select(Post)).all())


def require(team_id: int):
    """Nothing makes one."""

    def dependency(user: User = Depends(current_user), db: Session = Depends(get_db)):  # stays: not-reached
        if user.team_id != team_id or not db.scalars(select(Post)).all():
            raise HTTPException(403)

    return dependency
