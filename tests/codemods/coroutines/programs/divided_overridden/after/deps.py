from alchemove import session_depends
from fastapi import Depends, Header, HTTPException
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from database import get_db
from models import Team, User
from session import get_session


async def current_user(x_name: str = Header("ada"), db: AsyncSession = session_depends(get_session)) -> User:
    return await db.run_sync(lambda db: sync_current_user(x_name, db))


def sync_current_user(x_name: str = Header("ada"), db: Session = Depends(get_db)) -> User:
    user = db.scalar(select(User).where(User.name == x_name))
    if user is None:
        raise HTTPException(401)
    return user


def active_user(user: User = Depends(current_user)) -> User:
    return sync_active_user(user)


def sync_active_user(user: User = Depends(sync_current_user)) -> User:
    if user.name == "cleo":
        raise HTTPException(403)
    return user


async def team(number: int = 1, db: AsyncSession = session_depends(get_session)) -> Team:
    return await db.run_sync(lambda db: sync_team(number, db))


def sync_team(number: int = 1, db: Session = Depends(get_db)) -> Team:
    return db.get(Team, number)


def another_team():
    return Team(name="another")


def visitor(name: str = "ben", db: Session = Depends(get_db)) -> str:  # stays: shared-request
    return db.scalar(select(User.name).where(User.name == name))
