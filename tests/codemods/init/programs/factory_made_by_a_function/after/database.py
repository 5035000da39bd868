"""The database, and a function that makes factories for it."""

from alchemove import LegacyDatabase
from db.session import database, make_engine as _make_engine
from sqlalchemy.orm import Session, sessionmaker

made = []

# The names that old code uses: each use warns at its own line and is counted.
# When `alchemove usage` shows none, nobody needs them any more.
legacy = LegacyDatabase(database, autoflush=False)
legacy.export(
    __name__,
    Base=("db.session:Base", "db.session.Base"),
    make_engine=("db.session:make_engine", "db.session.make_engine"),
    engine="db.session.engine",
    SessionLocal="db.session.get_sync_session",
    get_db="db.session.get_sync_session",
)


def make_factory(*, expiring: bool = True, of=None):
    """A factory for one engine, or for one of its own."""
    bound = of or _make_engine()
    return sessionmaker(bind=bound, autocommit=False, autoflush=False, class_=Session)


def make_other(bound, expiring):
    return sessionmaker(bound, autoflush=False, expire_on_commit=expiring)


def make_noted(bound):
    made.append(bound)
    return sessionmaker(bound, autoflush=False)
Other = make_other(legacy.engine, False)
Noted = make_noted(legacy.engine)
Apart = make_factory()


# What type checkers see; written by: python -m alchemove.shim_types
import typing as _typing

if _typing.TYPE_CHECKING:
    import collections.abc
    import sqlalchemy
    import sqlalchemy.orm

    from db.session import Base as Base
    from db.session import make_engine as make_engine

    engine: sqlalchemy.Engine
    SessionLocal: sqlalchemy.orm.sessionmaker[sqlalchemy.orm.Session]
    def get_db() -> collections.abc.Iterator[sqlalchemy.orm.Session]: ...
# End of what type checkers see.
