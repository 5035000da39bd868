"""What `alchemove init` makes of the module of the SQLModel tutorial: no factory, and a dependency called get_session."""

from typing import TYPE_CHECKING

from alchemove import LegacyDatabase

from session import database

legacy = LegacyDatabase(database)
legacy.export(
    __name__,
    SessionLocal="session.get_sync_session",
    get_session="session.get_session",
    other_session=("get_session", "session.get_session"),
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session, sessionmaker

    SessionLocal: sessionmaker[Session]

    def get_session() -> Iterator[Session]: ...
    def other_session() -> Iterator[Session]: ...
