"""Dependencies that give what they are injected."""

from typing import Annotated

from fastapi import Depends
from sqlalchemy.orm import Session

from database import get_db
from models import User
from session import SessionDep

__all__ = ["get_session", "get_again"]


def get_session(db: Session = Depends(get_db)) -> Session:
    """The session of the request."""
    return db


def get_again(session: Annotated[Session, Depends(get_session)]):
    yield session


async def get_async(db: Session = Depends(get_db)):
    return db


def get_marked(db: SessionDep):
    db.info["marked"] = True
    return db


def get_fresh(db: Session = Depends(get_db, use_cache=False)):
    return db


def get_called(db: Session = Depends(get_db)):
    return db


def get_overridden(db: Session = Depends(get_db)):
    return db


async def current_user(db: SessionDep) -> User:
    return await db.get(User, 1)


Current = Annotated[User, Depends(current_user)]
