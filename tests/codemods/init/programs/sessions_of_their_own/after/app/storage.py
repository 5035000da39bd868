# Storage of the application.
"""Engine and sessions."""
from __future__ import annotations

import functools
import logging
from contextlib import contextmanager

from alchemove import LegacyDatabase
from sqlalchemy.orm import scoped_session

from app.db.session import database

logger = logging.getLogger(__name__)

# The names that old code uses: each use warns at its own line and is counted.
# When `alchemove usage` shows none, nobody needs them any more.
# Queries see what was flushed by hand.
legacy = LegacyDatabase(database, autoflush=False, expire_on_commit=False)
legacy.export(
    __name__,
    LABEL=("app.db.session:LABEL", "app.db.session.LABEL"),
    URL=("app.db.session:URL", "app.db.session.URL"),
    OPTIONS=("app.db.session:OPTIONS", "app.db.session.OPTIONS"),
    engine="app.db.session.engine",
    connections=("app.db.session:connections", "app.db.session.connections"),
    connected=("app.db.session:connected", "app.db.session.connected"),
    MakeSession=("SessionLocal", "app.db.session.get_sync_session"),
    current=("app.storage:_current", "app.db.session.get_sync_session"),
    Base=("app.db.session:Base", "app.db.session.Base"),
    get_database=("get_db", "app.db.session.get_sync_session"),
    unit_of_work=("app.storage:_unit_of_work", "app.db.session.get_sync_session"),
    create_tables=("app.db.session:create_tables", "app.db.session.create_tables"),
)


# -- sessions --

_current = scoped_session(legacy.SessionLocal)


@contextmanager
def _unit_of_work(label: str = "work"):
    """Like the usual one, and it logs."""
    session = legacy.SessionLocal()
    try:
        yield session
        session.commit()
        logger.info("%s is done", label)
    except Exception:
        logger.exception("%s failed", label)
        session.rollback()
        raise
    finally:
        session.close()


def in_session(function):
    """Decorator: the first argument is a session."""

    @functools.wraps(function)
    def wrapper(*args):
        with _unit_of_work(function.__name__) as session:
            return function(session, *args)

    return wrapper


def greeting(name: str) -> str:
    return f"hello {name}"


# What type checkers see; written by: python -m alchemove.shim_types
import typing as _typing

if _typing.TYPE_CHECKING:
    import collections.abc
    import sqlalchemy
    import sqlalchemy.orm

    from app.db.session import LABEL as LABEL
    from app.db.session import URL as URL
    from app.db.session import OPTIONS as OPTIONS
    from app.db.session import connections as connections
    from app.db.session import connected as connected
    from app.db.session import Base as Base
    from app.db.session import create_tables as create_tables

    engine: sqlalchemy.Engine
    MakeSession: sqlalchemy.orm.sessionmaker[sqlalchemy.orm.Session]
    current = _current
    def get_database() -> collections.abc.Iterator[sqlalchemy.orm.Session]: ...
    unit_of_work = _unit_of_work
# End of what type checkers see.
