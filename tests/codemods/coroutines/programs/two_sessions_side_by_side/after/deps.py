"""Two dependencies hand out a session, and what belongs to the one is only read beside the other."""

from alchemove import session_depends
from fastapi import HTTPException
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

import database
from database import SessionLocal
from models import User
from session import get_session


def get_db():  # stays: sync-session
    db = SessionLocal()
    try:
        yield db
    finally:
        db.close()


async def current_team(name: str = "ada", db: AsyncSession = session_depends(get_session)) -> int | None:
    return (await db.scalars(select(User.team_id).where(User.name == name))).first()


async def current_user(name: str = "ada", db: AsyncSession = session_depends(get_session)):
    user = (await db.scalars(select(User).where(User.name == name))).first()
    if user is None:
        raise HTTPException(401, "who")
    return user
