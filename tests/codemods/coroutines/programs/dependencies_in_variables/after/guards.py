"""Guards, and what makes them."""

from alchemove import session_depends
from fastapi import Depends, HTTPException
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from database import get_db
from models import Tag, Team, User
from session import SessionDep, get_session


async def current(user: int = 1, db: AsyncSession = session_depends(get_session)) -> User:
    return await db.get(User, user)


def require(team: str):
    async def check(user: User = Depends(current), db: AsyncSession = session_depends(get_session)) -> User:
        if (await db.get(Team, user.team_id)).name != team:
            raise HTTPException(403)
        return user

    return check


def handed(user: int = 1, db: Session = Depends(get_db)) -> User:  # stays: not-reached
    return db.get(User, user)


async def counted(db: SessionDep) -> None:
    db.add(Tag(name="counted"))


def chosen(strict: bool):
    if strict:
        return require("red")
    return current


def handled(user: int = 1, db: Session = Depends(get_db)) -> User:  # stays: not-reached
    return db.get(User, user)


HANDLERS = {"handled": handled}
