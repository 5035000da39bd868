import asyncio
from datetime import datetime, timezone
from typing import Annotated

from alchemove import session_depends
from fastapi import Depends, Header, HTTPException
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from database import get_db
from models import Tag, Team, User
from session import SessionDep, get_session


def find(db: Session, name: str) -> User | None:  # stays: sync-endpoint
    return db.scalars(select(User).filter_by(name=name)).first()


# Who asks.
async def current_user(x_name: Annotated[str, Header()] = "ada", db: AsyncSession = session_depends(get_session)) -> User:
    return await db.run_sync(lambda db: sync_current_user(x_name, db))


def sync_current_user(x_name: Annotated[str, Header()] = "ada", db: Session = Depends(get_db)) -> User:
    user = find(db, x_name)
    if user is None:
        raise HTTPException(401)
    user.logins += 1
    db.commit()
    return user


async def team_of(
    user: User = Depends(current_user),
    db: AsyncSession = session_depends(get_session),
):
    return await db.run_sync(lambda db: sync_team_of(user, db))


def sync_team_of(
    user: User = Depends(sync_current_user),
    db: Session = Depends(get_db),
):
    return db.scalars(select(User.name).filter_by(team_id=user.team_id).order_by(User.id)).all()


def named_in(teams: int):
    """A user of one of the first teams."""

    sync_check = sync_named_in(teams)

    async def check(user: User = Depends(current_user), db: AsyncSession = session_depends(get_session)):
        return await db.run_sync(lambda db: sync_check(user, db))

    return check


def sync_named_in(teams: int):
    def check(user: User = Depends(sync_current_user), db: Session = Depends(get_db)):
        db.refresh(user)
        if user.team_id > teams:
            raise HTTPException(403)
        return user

    return check


async def known_user(user: User = Depends(current_user)) -> User:
    """A user who was here before."""

    return sync_known_user(user)


def sync_known_user(user: User = Depends(sync_current_user)) -> User:
    # Nothing is awaited.
    if user.logins < 1:
        raise HTTPException(403)
    return user


async def waiting_user(*, user: User = Depends(current_user)) -> User:
    return await sync_waiting_user(user=user)


async def sync_waiting_user(*, user: User = Depends(sync_current_user)) -> User:
    await asyncio.sleep(0)
    return user


def called(*names: str, ignore_case: bool = False):
    sync_check = sync_called(*names, ignore_case=ignore_case)

    async def check(
        *,
        user: User = Depends(known_user),
        db: SessionDep,
    ):
        """Whether the user has one of the names."""
        return await db.run_sync(lambda db: sync_check(user=user, db=db))

    return check


def sync_called(*names: str, ignore_case: bool = False):
    wanted = {name.lower() if ignore_case else name for name in names}

    def check(
        *,
        user: User = Depends(sync_known_user),
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


def tags(db: SessionDep):
    return sync_tags(db.sync_session)


def sync_tags(db: Session = Depends(get_db)):
    return Tags(db)


def counting(db: SessionDep):
    """Something that counts."""

    return sync_counting(db.sync_session)


def sync_counting(db: Session = Depends(get_db)):
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


async def key(x_name: Annotated[str, Header()] = "ada", db: AsyncSession = session_depends(get_session)):
    """Who has the key, which is used with that."""
    return await db.run_sync(lambda db: sync_key(x_name, db))


def sync_key(x_name: Annotated[str, Header()] = "ada", db: Session = Depends(get_db)):
    user = used(db, x_name)
    if user is None:
        raise HTTPException(401)
    return user
