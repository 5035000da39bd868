from alchemove import LegacyDatabase

from api.db.session import database

# The names that old code uses: each use warns at its own line and is counted.
# When `alchemove usage` shows none, nobody needs them any more.
legacy = LegacyDatabase(database)
legacy.export(
    __name__,
    engine="api.db.session.engine",
    SessionLocal="api.db.session.get_sync_session",
    get_db="api.db.session.get_session",
)


# What type checkers see; written by: python -m alchemove.shim_types
import typing as _typing

if _typing.TYPE_CHECKING:
    import collections.abc
    import sqlalchemy
    import sqlalchemy.orm

    engine: sqlalchemy.Engine
    SessionLocal: sqlalchemy.orm.sessionmaker[sqlalchemy.orm.Session]
    def get_db() -> collections.abc.Iterator[sqlalchemy.orm.Session]: ...
# End of what type checkers see.
