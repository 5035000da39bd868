import os
from functools import lru_cache

from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import sessionmaker

DATABASE_URL = make_url(os.environ["DATABASE_URL"])
DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}


@lru_cache
def get_engine() -> Engine:
    return create_engine(DATABASE_URL, pool_pre_ping=True)


@lru_cache
def get_async_engine() -> AsyncEngine:
    return create_async_engine(DATABASE_URL.set(drivername=DRIVERS[DATABASE_URL.get_backend_name()]))


SessionLocal = sessionmaker(autocommit=False, autoflush=False, bind=get_engine())
AsyncSessionLocal = sessionmaker(bind=get_async_engine(), class_=AsyncSession, expire_on_commit=False)
