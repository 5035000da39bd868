"""The database and its sessions."""

from typing import Annotated

from alchemove import Database, session_depends
from sqlalchemy import create_engine
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import declarative_base
from sqlmodel import SQLModel

from app.config import settings

engine = create_engine(
    settings.DATABASE_URL,
    pool_pre_ping=True,
    pool_size=settings.DB_POOL_SIZE,
    max_overflow=settings.DB_MAX_OVERFLOW,
    echo=settings.DB_ECHO,
)

# The webhook and audit tables are SQLModel classes: with one MetaData the foreign
# keys between both kinds of models resolve, and Alembic sees all tables.
Base = declarative_base(metadata=SQLModel.metadata)


def create_db_tables():
    """Create all tables (development only, deployments run the migrations)."""
    import app.models  # noqa: F401

    Base.metadata.create_all(bind=engine)


database = Database.from_engine(engine, session_options={"autoflush": False})

# with get_sync_session() as session: commits at the end, rolls back when the block
# raises, and closes.
get_sync_session = database.sync_session
# async with get_async_session() as session: the same for coroutines.
get_async_session = database.session
# async def endpoint(session: SessionDep): the same for endpoints.
get_session = database.get_session
SessionDep = Annotated[AsyncSession, session_depends(get_session)]
