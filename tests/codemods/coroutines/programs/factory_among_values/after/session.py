"""A session module around an engine that the application makes, together with its factory."""

import os
from typing import Annotated

from alchemove import Database, session_depends
from sqlalchemy import create_engine
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import sessionmaker


def connect(url: str):  # stays: import-time
    engine = create_engine(url)
    factory = sessionmaker(bind=engine)
    return factory, engine


SessionLocal, engine = connect(os.environ["DATABASE_URL"])
database = Database.from_engine(engine)
get_sync_session = database.sync_session
get_async_session = database.session
get_session = database.get_session
SessionDep = Annotated[AsyncSession, session_depends(get_session)]
