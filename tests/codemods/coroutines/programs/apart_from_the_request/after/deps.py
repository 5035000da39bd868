from typing import Optional

from fastapi import Depends, HTTPException
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from database import SessionLocal
from models import Post, Tag, Team, User
from session import SessionDep

registry = scoped_session(SessionLocal)


def find_user(db: Session, name: str) -> Optional[User]:  # stays: sync-session
    return db.scalars(select(User).where(User.name == name)).first()


def get_current_user(name: str = "ada"):  # stays: sync-session
    """It has a session of its own, and closes it."""
    db = SessionLocal()
    user = find_user(db, name)
    db.close()
    if user is None:
        raise HTTPException(401)
    return user


def get_admin(user: User = Depends(get_current_user)):
    if user.name != "ada":
        raise HTTPException(403)
    return user


def get_team(user: User = Depends(get_current_user)):  # stays: sync-session
    """Another one of its own, opened by a function."""
    db = opened()
    try:
        return db.get(Team, user.team_id).name
    finally:
        db.close()


def opened() -> Session:
    return SessionLocal()


async def get_count(db: SessionDep, user: User = Depends(get_current_user)):
    """The session of the request, beside a user of another one."""
    return await db.scalar(select(func.count(Post.id)).where(Post.author_id == user.id))


def visitor():  # stays: sync-session
    """The session of the thread may be that of somebody else."""
    try:
        return registry.scalars(select(Tag.name).order_by(Tag.id)).first()
    finally:
        registry.remove()


def require_member(team_id: int):
    """Nothing uses it."""

    def dependency(user: User = Depends(get_current_user), count: int = Depends(get_count)):  # stays: not-reached
        if user.team_id != team_id or not count:
            raise HTTPException(403)
        return user.team.name

    return dependency
