from alchemove import LegacyDatabase
from db.session import database
from sqlmodel import Session

# The names that old code uses: each use warns at its own line and is counted.
# When `alchemove usage` shows none, nobody needs them any more.
legacy = LegacyDatabase(database, class_=Session)
legacy.export(
    __name__,
    engine="db.session.engine",
    create_db_and_tables=(
        "db.session:create_db_and_tables",
        "db.session.create_db_and_tables",
    ),
)


# What type checkers see; written by: python -m alchemove.shim_types
import typing as _typing

if _typing.TYPE_CHECKING:
    import sqlalchemy

    from db.session import create_db_and_tables as create_db_and_tables

    engine: sqlalchemy.Engine
# End of what type checkers see.
