from collections.abc import AsyncIterator, Iterator
from typing import Annotated

from alchemove import session_depends
from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from database import get_db
from models import Tag, User
from session import SessionDep as SessionDep_, get_session

SessionDep = Annotated[Session, Depends(get_db)]
Everywhere = Annotated[AsyncSession, session_depends(get_session)]


async def audit(db: SessionDep_, request: Request) -> AsyncIterator[str]:
    db.add(Tag(name=request.url.path))
    await db.flush()
    yield request.url.path
    await db.commit()


async def ada(db: Everywhere) -> User:
    return await db.get(User, 1)


def counted(user: Annotated[User, Depends(ada)]) -> Iterator[User]:
    user.logins += 1
    yield user


def uncached(db: SessionDep) -> Iterator[int]:  # stays: generator-dependency
    yield db.get(User, 1).logins
