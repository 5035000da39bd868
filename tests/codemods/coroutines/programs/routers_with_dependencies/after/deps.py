from alchemove import session_depends
from fastapi import Depends, HTTPException
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, joinedload

from database import get_db
from models import User
from session import SessionDep, get_session


async def current_user(name: str = "ada", db: AsyncSession = session_depends(get_session)):
    user = (await db.scalars(select(User).where(User.name == name))).first()
    if user is None:
        raise HTTPException(401, "who")
    return user


async def leader(db: SessionDep):
    return (await db.scalars(select(User).order_by(User.id).options(joinedload(User.team)))).first()


def counted(user: User = Depends(current_user)):
    """Nobody has committed it when the endpoint runs."""
    user.logins += 1


def refused(db: Session = Depends(get_db)):  # stays: shared-request
    db.get(User, 2).logins += 1


PROTECTED = [Depends(current_user), Depends(leader)]
