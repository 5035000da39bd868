"""What `alchemove init` makes of a module whose object keeps the engine."""

from typing import Annotated

from alchemove import Database, session_depends
from sqlalchemy.ext.asyncio import AsyncSession

from connection import kept as legacy_kept

database = Database.from_engine(lambda: legacy_kept.engine, session_options={"autoflush": False})
get_sync_session = database.sync_session
get_async_session = database.session
get_session = database.get_session
SessionDep = Annotated[AsyncSession, session_depends(get_session)]
