from alchemove import session_depends
from fastapi import Depends, Header, HTTPException
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from database import get_db
from models import Team, User
from session import get_session


async def current_user(authorization: str = Header("Bearer ada"), db: AsyncSession = session_depends(get_session)) -> User:
    """The user of the request."""
    return await db.run_sync(lambda db: sync_current_user(authorization, db))


def sync_current_user(authorization: str = Header("Bearer ada"), db: Session = Depends(get_db)) -> User:
    user = db.scalars(select(User).where(User.name == authorization[7:])).first()
    if user is None:
        raise HTTPException(401)
    return user


async def current_team(name: str = "blue", db: AsyncSession = session_depends(get_session)) -> Team:
    return await db.run_sync(lambda db: sync_current_team(name, db))


def sync_current_team(name: str = "blue", db: Session = Depends(get_db)) -> Team:
    return db.scalars(select(Team).where(Team.name == name)).one()


async def current_badge(name: str = "ada", db: AsyncSession = session_depends(get_session)) -> str:
    return await db.run_sync(lambda db: sync_current_badge(name, db))


def sync_current_badge(name: str = "ada", db: Session = Depends(get_db)) -> str:
    return db.scalars(select(User.name).where(User.name == name)).one().upper()


def current_name(user: User = Depends(sync_current_user), db: Session = Depends(get_db)) -> str:  # stays: unfollowed-calls
    """It is looked up by its name, too."""
    return db.scalars(select(User.name).where(User.id == user.id)).one()
