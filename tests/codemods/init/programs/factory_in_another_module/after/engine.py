from alchemove import LegacyDatabase
from db.session import database

# The names that old code uses: each use warns at its own line and is counted.
# When `alchemove usage` shows none, nobody needs them any more.
legacy = LegacyDatabase(database, autoflush=False)
legacy.export(
    __name__,
    engine="db.session.engine",
)


# What type checkers see; written by: python -m alchemove.shim_types
import typing as _typing

if _typing.TYPE_CHECKING:
    import sqlalchemy

    engine: sqlalchemy.Engine
# End of what type checkers see.
