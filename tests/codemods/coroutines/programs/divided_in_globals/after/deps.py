from dataclasses import dataclass
from typing import Annotated

from alchemove import session_depends
from fastapi import Depends, Header, HTTPException
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from database import get_db
from models import User
from session import get_session


async def current_user(x_name: Annotated[str, Header()] = "ada", db: AsyncSession = session_depends(get_session)) -> User:
    return await db.run_sync(lambda db: sync_current_user(x_name, db))


def sync_current_user(x_name: Annotated[str, Header()] = "ada", db: Session = Depends(get_db)) -> User:
    user = db.scalars(select(User).filter_by(name=x_name)).first()
    if user is None:
        raise HTTPException(401)
    return user


def same_user(user: User = Depends(current_user)) -> User:
    return user


def nobody(user: User = Depends(current_user)) -> User:
    return user


class Named:
    """Lets users with one of these names pass."""

    def __init__(self, *names: str):
        self.names = names

    def __call__(self, user: User = Depends(current_user)) -> User:
        """The user, if it is one of them."""
        if user.name not in self.names:
            raise HTTPException(403)
        return user


class SyncNamed(Named):
    def __call__(self, user: User = Depends(sync_current_user)) -> User:
        return super().__call__(user)


@dataclass(frozen=True)
class InTeam:
    number: int

    async def __call__(self, *, user: User = Depends(same_user)):
        if user.team_id != self.number:
            raise HTTPException(403)
        return user


class SyncInTeam(InTeam):
    async def __call__(self, *, user: User = Depends(sync_current_user)):
        return await super().__call__(user=user)


def require(*names: str):
    sync_check = sync_require(*names)

    def check(user: User = Depends(current_user)) -> User:
        return sync_check(user)

    return check


def sync_require(*names: str):
    def check(user: User = Depends(sync_current_user)) -> User:
        if user.name not in names:
            raise HTTPException(403)
        return user

    return check


class Counting:
    def __init__(self, limit: int):
        self.limit = limit

    def __call__(self, user: User = Depends(sync_current_user), db: Session = Depends(get_db)):  # stays: unfollowed-calls
        count = len(db.scalars(select(User)).all())
        if count > self.limit:
            raise HTTPException(403)
        return count


class Derived(Counting):
    """Nothing of its own."""


only_ada = Named("ada")
sync_only_ada = SyncNamed("ada")
SOME = ("ada", "bob")
some: InTeam = InTeam(1)
sync_some: InTeam = SyncInTeam(1)
require_ada = require("ada")
sync_require_ada = sync_require("ada")
require_some = require(*SOME)
sync_require_some = sync_require(*SOME)
Ada = Annotated[User, Depends(only_ada)]
Some = Annotated[
    User,
    Depends(require("ada", "cleo")),  # both of them
]
SyncSome = Annotated[
    User,
    Depends(sync_require("ada", "cleo")),  # both of them
]
Bob = Depends(require("bob"))
SyncBob = Depends(sync_require("bob"))
few = Counting(2)
