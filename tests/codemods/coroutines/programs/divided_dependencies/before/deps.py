import asyncio
from datetime import datetime, timezone
from typing import Annotated

from fastapi import Depends, Header, HTTPException
from sqlalchemy import select
from sqlalchemy.orm import Session

from database import get_db
from models import Tag, Team, User


def find(db: Session, name: str) -> User | None:  # stays: sync-endpoint
    return db.scalars(select(User).filter_by(name=name)).first()


# Who asks.
def current_user(x_name: Annotated[str, Header()] = "ada", db: Session = Depends(get_db)) -> User:
    user = find(db, x_name)
    if user is None:
        raise HTTPException(401)
    user.logins += 1
    db.commit()
    return user


async def team_of(
    user: User = Depends(current_user),
    db: Session = Depends(get_db),
):
    return db.scalars(select(User.name).filter_by(team_id=user.team_id).order_by(User.id)).all()


def named_in(teams: int):
    """A user of one of the first teams."""

    def check(user: User = Depends(current_user), db: Session = Depends(get_db)):
        db.refresh(user)
        if user.team_id > teams:
            raise HTTPException(403)
        return user

    return check


async def known_user(user: User = Depends(current_user)) -> User:
    """A user who was here before."""

    # Nothing is awaited.
    if user.logins < 1:
        raise HTTPException(403)
    return user


async def waiting_user(*, user: User = Depends(current_user)) -> User:
    await asyncio.sleep(0)
    return user


def called(*names: str, ignore_case: bool = False):
    wanted = {name.lower() if ignore_case else name for name in names}

    def check(
        *,
        user: User = Depends(known_user),
        db: Session = Depends(get_db),
    ):
        """Whether the user has one of the names."""
        found = db.scalars(select(User.name).filter_by(id=user.id)).one()
        if (found.lower() if ignore_case else found) not in wanted:
            raise HTTPException(403)
        return found

    return check


def unused(user: User = Depends(current_user)):
    return user.name


def visitor(x_name: Annotated[str, Header()] = "ada", db: Session = Depends(get_db)):  # stays: shared-request
    return db.scalar(select(User.id).filter_by(name=x_name))


class Tags:
    def __init__(self, db: Session):
        self.db = db

    def names(self):  # stays: session-for-later
        return self.db.scalars(select(Tag.name).order_by(Tag.id)).all()


def tags(db: Session = Depends(get_db)):
    return Tags(db)


def counting(db: Session = Depends(get_db)):
    """Something that counts."""

    def of(model):  # stays: unfollowed-calls
        return how_many(db, model)

    return of


def how_many(db: Session, model) -> int:  # stays: unfollowed-calls
    return len(db.scalars(select(model)).all())


class Teams:
    def __init__(self, db: Session):
        self.db = db

    async def names(self):  # stays: sync-session
        return self.db.scalars(select(Team.name).order_by(Team.id)).all()


def teams(db: Session = Depends(get_db)):
    return Teams(db)


CurrentUser = Annotated[User, Depends(current_user)]
Named = Depends(current_user)
idle = Depends(current_user)


def used(db: Session, name: str) -> User | None:  # stays: sync-endpoint
    user = find(db, name)
    if user is not None:
        user.changed_at = datetime(2026, 1, 1, tzinfo=timezone.utc)
        db.commit()
    return user


def key(x_name: Annotated[str, Header()] = "ada", db: Session = Depends(get_db)):
    """Who has the key, which is used with that."""
    user = used(db, x_name)
    if user is None:
        raise HTTPException(401)
    return user
