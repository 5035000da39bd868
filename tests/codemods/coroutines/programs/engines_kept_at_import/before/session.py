"""What `alchemove init` makes of a module that keeps its engine, and the factory, when they are made."""

import os
from typing import Annotated

from alchemove import Database, session_depends
from sqlalchemy import create_engine
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import sessionmaker

URL = os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg2://")
_engine = None
_factory = None


def get_engine():
    global _engine
    if _engine is None:
        _engine = create_engine(URL)
    return _engine


def get_factory():
    global _factory
    if _factory is None:
        _factory = sessionmaker(autoflush=False, bind=get_engine())
    return _factory


def another_engine():
    return create_engine(URL)


def another_factory():
    return sessionmaker(autoflush=False, bind=another_engine())


engine = get_engine()
database = Database.from_engine(engine, session_options={"autoflush": False})
get_sync_session = database.sync_session
get_async_session = database.session
get_session = database.get_session
SessionDep = Annotated[AsyncSession, session_depends(get_session)]
