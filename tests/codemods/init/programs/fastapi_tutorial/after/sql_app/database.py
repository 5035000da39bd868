from alchemove import LegacyDatabase

from sql_app.db.session import database

# The names that old code uses: each use warns at its own line and is counted.
# When `alchemove usage` shows none, nobody needs them any more.
legacy = LegacyDatabase(database, autoflush=False)
legacy.export(
    __name__,
    SQLALCHEMY_DATABASE_URL=(
        "sql_app.db.session:SQLALCHEMY_DATABASE_URL",
        "sql_app.db.session.SQLALCHEMY_DATABASE_URL",
    ),
    engine="sql_app.db.session.engine",
    SessionLocal="sql_app.db.session.get_sync_session",
    Base=("sql_app.db.session:Base", "sql_app.db.session.Base"),
)


# What type checkers see; written by: python -m alchemove.shim_types
import typing as _typing

if _typing.TYPE_CHECKING:
    import sqlalchemy
    import sqlalchemy.orm

    from sql_app.db.session import SQLALCHEMY_DATABASE_URL as SQLALCHEMY_DATABASE_URL
    from sql_app.db.session import Base as Base

    engine: sqlalchemy.Engine
    SessionLocal: sqlalchemy.orm.sessionmaker[sqlalchemy.orm.Session]
# End of what type checkers see.
