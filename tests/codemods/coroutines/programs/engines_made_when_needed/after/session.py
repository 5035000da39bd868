"""What `alchemove init` writes beside a module that makes its engine when it is needed."""

from typing import Annotated

from alchemove import Database, session_depends
from sqlalchemy.ext.asyncio import AsyncSession

from connection import get_engine

database = Database.from_engine(get_engine, session_options={"autoflush": False})
get_sync_session = database.sync_session
get_async_session = database.session
get_session = database.get_session
SessionDep = Annotated[AsyncSession, session_depends(get_session)]
