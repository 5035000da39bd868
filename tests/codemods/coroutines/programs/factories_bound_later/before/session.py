"""What `alchemove init` makes of a module that binds its factory when that is made already."""

import os
from typing import Annotated

from alchemove import Database, session_depends
from sqlalchemy import create_engine
from sqlalchemy.ext.asyncio import AsyncSession

engine = create_engine(os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg2://"))
database = Database.from_engine(engine, session_options={"autoflush": False})
get_sync_session = database.sync_session
get_async_session = database.session
get_session = database.get_session
SessionDep = Annotated[AsyncSession, session_depends(get_session)]
