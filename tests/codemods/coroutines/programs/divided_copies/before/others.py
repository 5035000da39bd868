from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor

from fastapi import APIRouter, Depends
from sqlalchemy import select
from sqlalchemy.orm import Session

from database import get_db
from models import User

others = APIRouter(prefix="/others")


def counted(db: Session) -> int:  # stays: not-reached
    return len(db.scalars(select(User)).all())


async def looked_up(db: Session, name: str) -> User | None:
    """It is given the sync session by a copy, and the one inside of an AsyncSession by others."""
    return db.scalars(select(User).where(User.name == name)).first()


async def somebody(name: str = "ada", db: Session = Depends(get_db)) -> User | None:
    return await looked_up(db, name)


@others.get("/one")
def one(user: User | None = Depends(somebody), db: Session = Depends(get_db)):
    return [user and user.name, len(db.scalars(select(User)).all())]


@others.get("/all")
def everybody(user: User | None = Depends(somebody), db: Session = Depends(get_db)):  # stays: session-for-later
    with ThreadPoolExecutor(1) as pool:
        return [user and user.name, pool.submit(counted, db).result()]


async def names(db: Session) -> AsyncIterator[str]:  # stays: sync-session
    for user in db.scalars(select(User).order_by(User.id)):
        yield user.name


# What a copy cannot be made of: what it goes through would have an AsyncSession.
async def anybody(db: Session = Depends(get_db)) -> list[str]:  # stays: shared-request
    return [name async for name in names(db)]


@others.get("/any")
def first(found: list[str] = Depends(anybody), db: Session = Depends(get_db)):  # stays: shared-request
    return [found[0], len(db.scalars(select(User)).all())]


@others.get("/every")
def every(found: list[str] = Depends(anybody), db: Session = Depends(get_db)):  # stays: session-for-later
    with ThreadPoolExecutor(1) as pool:
        return [*found, pool.submit(counted, db).result()]


# A test puts a mock in its place, which a copy would be called instead of.
def replaced(db: Session = Depends(get_db)) -> int:  # stays: session-for-later
    return len(db.scalars(select(User)).all())


@others.get("/replaced")
def with_replaced(found: int = Depends(replaced), db: Session = Depends(get_db)):  # stays: shared-request
    return [found, len(db.scalars(select(User)).all())]


@others.get("/calling")
def calling(db: Session = Depends(get_db)):  # stays: session-for-later
    with ThreadPoolExecutor(1) as pool:
        return [replaced(db), pool.submit(counted, db).result()]
