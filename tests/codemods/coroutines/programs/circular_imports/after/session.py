"""What `alchemove init` writes beside a file that keeps its engine."""

from typing import Annotated

from alchemove import Database, session_depends
from sqlalchemy.ext.asyncio import AsyncSession

from api import engine

database = Database.from_engine(engine)
get_sync_session = database.sync_session
get_async_session = database.session
get_session = database.get_session
SessionDep = Annotated[AsyncSession, session_depends(get_session)]
