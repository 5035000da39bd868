from collections.abc import Iterator

from sqlalchemy.orm import Session

from connection import kept


def get_committed() -> Iterator[Session]:  # stays: consumed-generator
    with kept.session() as db:
        yield db


def get_opened() -> Iterator[Session]:  # stays: sync-session
    db = kept.open()
    try:
        yield db
    finally:
        db.close()


def get_local() -> Iterator[Session]:  # stays: sync-session
    with kept.SessionLocal() as db:
        yield db


def get_handed() -> Iterator[Session]:  # stays: generator
    yield from kept.get_db()
