"""What `alchemove init` makes of the legacy module: the shim."""

from typing import TYPE_CHECKING

from alchemove import LegacyDatabase

from session import database

legacy = LegacyDatabase(database)
legacy.export(
    __name__,
    engine="session.database.sync_engine",
    SessionLocal="session.get_sync_session",
    get_db="session.get_session",
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session, sessionmaker

    engine: Engine
    SessionLocal: sessionmaker[Session]

    def get_db() -> Iterator[Session]: ...
