import os

from alchemove import LegacyDatabase

from shop.db.session import database

# The names that old code uses: each use warns at its own line and is counted.
# When `alchemove usage` shows none, nobody needs them any more.
legacy = LegacyDatabase(database, autoflush=False)
legacy.export(
    __name__,
    engine="shop.db.session.engine",
    SessionLocal="shop.db.session.get_sync_session",
    Base=("shop.db.session:Base", "shop.db.session.Base"),
    get_database=("get_db", "shop.db.session.get_session"),
    get_db="shop.db.session.get_session",
    get_session=("get_db", "shop.db.session.get_session"),
)

# One name for what may be something else.
chosen = legacy.get_db
if os.environ.get("DATABASE_READS"):
    chosen = legacy.get_db


# What type checkers see; written by: python -m alchemove.shim_types
import typing as _typing

if _typing.TYPE_CHECKING:
    import collections.abc
    import sqlalchemy
    import sqlalchemy.orm

    from shop.db.session import Base as Base

    engine: sqlalchemy.Engine
    SessionLocal: sqlalchemy.orm.sessionmaker[sqlalchemy.orm.Session]
    def get_database() -> collections.abc.Iterator[sqlalchemy.orm.Session]: ...
    def get_db() -> collections.abc.Iterator[sqlalchemy.orm.Session]: ...
    def get_session() -> collections.abc.Iterator[sqlalchemy.orm.Session]: ...
# End of what type checkers see.
