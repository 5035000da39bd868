"""The shim of a module in which the alias of its own dependency stands."""

from typing import TYPE_CHECKING, Annotated

from alchemove import LegacyDatabase
from fastapi import Depends
from sqlalchemy.orm import Session

from session import database

legacy = LegacyDatabase(database)
legacy.export(
    __name__,
    engine="session.database.sync_engine",
    SessionLocal="session.get_sync_session",
    get_db="session.get_session",
    get_session="session.get_session",
    get_own=("database:_get_own", "session.get_session"),
)


async def _get_own():
    db = legacy.SessionLocal()
    try:
        yield db
    finally:
        db.close()


SessionDep = Annotated[Session, Depends(legacy.get_session)]
DbDep = Annotated[Session, Depends(legacy.get_db)]
Own = Annotated[Session, Depends(legacy.SessionLocal)]

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine
    from sqlalchemy.orm import sessionmaker

    engine: Engine
    SessionLocal: sessionmaker[Session]

    def get_db() -> Iterator[Session]: ...
    def get_session() -> Iterator[Session]: ...

    get_own = _get_own
