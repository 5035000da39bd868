from typing import Annotated

from alchemove import Database, LegacyDatabase, session_depends
from sqlalchemy import create_engine
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.config import settings

engine = create_engine(settings.SQLALCHEMY_DATABASE_URI, pool_pre_ping=True)

database = Database.from_engine(engine, session_options={"autoflush": False})

# with get_sync_session() as session: commits at the end, rolls back when the block
# raises, and closes.
get_sync_session = database.sync_session
# async with get_async_session() as session: the same for coroutines.
get_async_session = database.session
# async def endpoint(session: SessionDep): the same for endpoints.
get_session = database.get_session
SessionDep = Annotated[AsyncSession, session_depends(get_session)]

# The names that old code uses: each use warns at its own line and is counted.
# When `alchemove usage` shows none, nobody needs them any more.
legacy = LegacyDatabase(database, autoflush=False)
legacy.export(
    __name__,
    SessionLocal="app.db.session.get_sync_session",
)


# What type checkers see; written by: python -m alchemove.shim_types
import typing as _typing

if _typing.TYPE_CHECKING:
    import sqlalchemy.orm

    SessionLocal: sqlalchemy.orm.sessionmaker[sqlalchemy.orm.Session]
# End of what type checkers see.
