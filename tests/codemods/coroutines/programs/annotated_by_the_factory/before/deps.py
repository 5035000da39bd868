from fastapi import Depends
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from database import SessionLocal, get_db
from models import Tag

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
    db: SessionLocal

    def __init__(self, db: SessionLocal = Depends(get_db)):
        self.db = db

    def count(self) -> int:
        return self.db.scalar(select(func.count(Tag.id)))
