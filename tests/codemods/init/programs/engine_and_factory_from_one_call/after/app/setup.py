from contextlib import contextmanager

from alchemove import LegacyDatabase
from sqlalchemy.orm import Session

from app.db.session import Sessions as _Sessions, database

# The names that old code uses: each use warns at its own line and is counted.
# When `alchemove usage` shows none, nobody needs them any more.
legacy = LegacyDatabase(database, autoflush=False)
legacy.export(
    __name__,
    connect=("app.db.session:connect", "app.db.session.connect"),
    Sessions=("app.db.session:Sessions", "app.db.session.Sessions"),
    engine="app.db.session.engine",
    session_context=("app.setup:_session_context", "app.db.session.get_sync_session"),
)


@contextmanager
def _session_context():
    session: Session = _Sessions()
    try:
        yield session
    finally:
        session.close()


# What type checkers see; written by: python -m alchemove.shim_types
import typing as _typing

if _typing.TYPE_CHECKING:
    import sqlalchemy

    from app.db.session import connect as connect
    from app.db.session import Sessions as Sessions

    engine: sqlalchemy.Engine
    session_context = _session_context
# End of what type checkers see.
