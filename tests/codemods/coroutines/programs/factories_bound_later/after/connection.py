import typing as _typing

from alchemove import LegacyDatabase
from sqlalchemy.orm import sessionmaker

from session import database

legacy = LegacyDatabase(database, autoflush=False)
legacy.export(
    __name__,
    engine="session.engine",
    SessionLocal="session.get_sync_session",
)
Later = sessionmaker(autoflush=False)
Later.configure(bind=legacy.engine)
Flushing = sessionmaker(autoflush=False)
Flushing.configure(bind=legacy.engine, autoflush=True)
Twice = sessionmaker(autoflush=False)
Twice.configure(bind=legacy.engine)


def again(engine):  # stays: not-reached
    Twice.configure(bind=engine)


class Opened:
    def __enter__(self):
        self.db = legacy.SessionLocal()
        return self.db

    def __exit__(self, *error):
        self.db.close()


def get_later():  # stays: sync-session
    db = Later()
    try:
        yield db
    finally:
        db.close()


def get_flushing():  # stays: sync-session
    with Flushing() as db:
        yield db


def get_twice():  # stays: sync-session
    with Twice() as db:
        yield db


def get_opened():
    with Opened() as db:
        yield db


async def get_made_here():  # stays: sync-session
    """The factory is made for each request."""
    try:
        made = sessionmaker(bind=legacy.engine, autoflush=False)
        db = made()
        yield db
    finally:
        db.close()


if _typing.TYPE_CHECKING:
    import sqlalchemy
    import sqlalchemy.orm

    engine: sqlalchemy.Engine
    SessionLocal: sqlalchemy.orm.sessionmaker[sqlalchemy.orm.Session]
