"""What a copy cannot be made of: it would await a coroutine that has an AsyncSession."""

from concurrent.futures import ThreadPoolExecutor

from fastapi import APIRouter, Depends
from sqlalchemy import select
from sqlalchemy.orm import Session

from database import get_db
from models import User

others = APIRouter(prefix="/others")


async def looked_up(db: Session, name: str) -> User | None:  # stays: sync-session
    return db.scalars(select(User).where(User.name == name)).first()


async def somebody(name: str = "ada", db: Session = Depends(get_db)) -> User | None:  # stays: shared-request
    return await looked_up(db, name)


@others.get("/one")
def one(user: User | None = Depends(somebody), db: Session = Depends(get_db)):  # stays: shared-request
    return [user and user.name, len(db.scalars(select(User)).all())]


@others.get("/all")
def everybody(user: User | None = Depends(somebody), db: Session = Depends(get_db)):  # stays: session-for-later
    with ThreadPoolExecutor(1) as pool:
        return [user and user.name, pool.submit(lambda: len(db.scalars(select(User)).all())).result()]
