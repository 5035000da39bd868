"""Engine, sessions and the declarative base."""

from alchemove import LegacyDatabase

from app.db.session import database

# The names that old code uses: each use warns at its own line and is counted.
# When `alchemove usage` shows none, nobody needs them any more.
legacy = LegacyDatabase(database, autoflush=False)
legacy.export(
    __name__,
    engine="app.db.session.engine",
    SessionLocal="app.db.session.get_sync_session",
    Base=("app.db.session:Base", "app.db.session.Base"),
    get_db="app.db.session.get_session",
    get_db_session="app.db.session.get_sync_session",
    get_db_connection="session.execute(text(...))",
    create_db_tables=(
        "app.db.session:create_db_tables",
        "app.db.session.create_db_tables",
    ),
)


# What type checkers see; written by: python -m alchemove.shim_types
import typing as _typing

if _typing.TYPE_CHECKING:
    import collections.abc
    import contextlib
    import psycopg2.extensions
    import sqlalchemy
    import sqlalchemy.orm

    from app.db.session import Base as Base
    from app.db.session import create_db_tables as create_db_tables

    engine: sqlalchemy.Engine
    SessionLocal: sqlalchemy.orm.sessionmaker[sqlalchemy.orm.Session]
    def get_db() -> collections.abc.Iterator[sqlalchemy.orm.Session]: ...
    def get_db_session() -> contextlib.AbstractContextManager[sqlalchemy.orm.Session]: ...
    def get_db_connection(session: sqlalchemy.orm.Session | None = None) -> psycopg2.extensions.connection: ...
# End of what type checkers see.
