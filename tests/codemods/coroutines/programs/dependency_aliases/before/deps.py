from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.orm import Session

from database import get_db
from models import Tag, User

SessionDep = Annotated[Session, Depends(get_db)]
Everywhere = Annotated[Session, Depends(get_db)]


def audit(db: SessionDep, request: Request) -> Iterator[str]:
    db.add(Tag(name=request.url.path))
    db.flush()
    yield request.url.path
    db.commit()


def ada(db: Everywhere) -> User:
    return db.get(User, 1)


def counted(user: Annotated[User, Depends(ada)]) -> Iterator[User]:
    user.logins += 1
    yield user


def uncached(db: SessionDep) -> Iterator[int]:  # stays: generator-dependency
    yield db.get(User, 1).logins
