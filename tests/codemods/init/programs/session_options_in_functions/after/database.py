from alchemove import LegacyDatabase
from db.session import database
from sqlalchemy.orm import Session

# The names that old code uses: each use warns at its own line and is counted.
# When `alchemove usage` shows none, nobody needs them any more.
legacy = LegacyDatabase(database, autoflush=False)
legacy.export(
    __name__,
    engine="db.session.engine",
    Base=("db.session:Base", "db.session.Base"),
    get_db=("database:_get_db", "db.session.get_sync_session"),
    start=("database:_start", "db.session.get_sync_session"),
)


def _get_db():

    with Session(autocommit=False, autoflush=False, bind=legacy.engine) as db:
        yield db


def _start() -> Session:
    return Session(legacy.engine, autoflush=False)


# What type checkers see; written by: python -m alchemove.shim_types
import typing as _typing

if _typing.TYPE_CHECKING:
    import sqlalchemy

    from db.session import Base as Base

    engine: sqlalchemy.Engine
    get_db = _get_db
    start = _start
# End of what type checkers see.
