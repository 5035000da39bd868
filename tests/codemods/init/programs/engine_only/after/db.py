"""The connection to the warehouse."""

from alchemove import LegacyDatabase
from session import database

# The names that old code uses: each use warns at its own line and is counted.
# When `alchemove usage` shows none, nobody needs them any more.
legacy = LegacyDatabase(database)
legacy.export(
    __name__,
    statements=("session:statements", "session.statements"),
    db_engine=("engine", "session.db_engine"),
    remember=("session:remember", "session.remember"),
    ping=("session:ping", "session.ping"),
)


# What type checkers see; written by: python -m alchemove.shim_types
import typing as _typing

if _typing.TYPE_CHECKING:
    import sqlalchemy

    from session import statements as statements
    from session import remember as remember
    from session import ping as ping

    db_engine: sqlalchemy.Engine
# End of what type checkers see.
