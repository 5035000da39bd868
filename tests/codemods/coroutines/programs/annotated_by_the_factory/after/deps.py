from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from database import SessionLocal
from models import Tag
from session import SessionDep

given: list[str] = []


def get_annotated():  # stays: sync-session
    """An annotated variable, opened inside of the block."""
    try:
        db: Session = SessionLocal()
        yield db
    finally:
        db.close()


def get_marked():  # stays: sync-session
    db: SessionLocal = SessionLocal()
    try:
        yield db
    except Exception:
        db.rollback()
        raise
    finally:
        db.close()


def get_told():  # stays: sync-session
    """It does more than hand out a session."""
    db: Session = SessionLocal()
    given.append(f"session {len(db.new)}")
    try:
        yield db
    finally:
        db.close()


class Counter:
    db: AsyncSession

    def __init__(self, db: SessionDep):
        self.db = db

    async def count(self) -> int:
        return await self.db.scalar(select(func.count(Tag.id)))
