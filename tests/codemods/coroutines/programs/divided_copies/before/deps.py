from dataclasses import dataclass

from fastapi import Depends, Header, HTTPException
from sqlalchemy import select
from sqlalchemy.orm import Session

from database import get_db
from models import Tag, User


@dataclass
class Context:
    user: str
    tags: int


async def decoded(token: str) -> str:
    return token.removeprefix("Bearer ")


def find_user(db: Session, name: str) -> User | None:  # stays: sync-endpoint
    return db.scalars(select(User).where(User.name == name)).first()


# It awaits, so it cannot run as a whole.
async def current_user(token: str = Header("Bearer ada"), db: Session = Depends(get_db)) -> User:
    """Who asks."""
    name = await decoded(token)
    user = find_user(db, name)
    if user is None:
        raise HTTPException(401, "who")
    return user


# A sync endpoint calls it itself.
def context(user: User = Depends(current_user), db: Session = Depends(get_db)) -> Context:
    return Context(user.name, len(db.scalars(select(Tag)).all()))


# It runs as a whole, and calls the copy there.
def summary(user: User = Depends(current_user), db: Session = Depends(get_db)) -> str:
    found = context(user, db)
    return f"{found.user} of {len(db.scalars(select(User)).all())}: {found.tags}"


def require(least: int):
    async def enough(user: User = Depends(current_user), db: Session = Depends(get_db)) -> User:
        await decoded(user.name)
        if len(db.scalars(select(Tag)).all()) < least:
            raise HTTPException(403, "too few")
        return user

    return enough
