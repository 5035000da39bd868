"""The database and its sessions."""

import os
from typing import Annotated

from alchemove import Database, session_depends
from sqlalchemy import create_engine
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import declarative_base

engine = create_engine(os.environ["DATABASE_URL"])
Base = declarative_base()

database = Database.from_engine(engine, session_options={"autoflush": False})

# with get_sync_session() as session: commits at the end, rolls back when the block
# raises, and closes.
get_sync_session = database.sync_session
# async with get_async_session() as session: the same for coroutines.
get_async_session = database.session
# async def endpoint(session: SessionDep): the same for endpoints.
get_session = database.get_session
SessionDep = Annotated[AsyncSession, session_depends(get_session)]
