"""The database and its sessions."""

import os

from alchemove import Database
from sqlalchemy import create_engine
from sqlalchemy.orm import declarative_base

engine = create_engine(os.environ["DATABASE_URL"])
Base = declarative_base()

database = Database.from_engine(engine, session_options={"autoflush": False})

# with get_sync_session() as session: commits at the end, rolls back when the block
# raises, and closes.
get_sync_session = database.sync_session
# async with get_async_session() as session: the same for coroutines.
get_async_session = database.session
