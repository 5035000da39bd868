"""Fixtures of the runtime half."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import URL, Engine, create_engine

from alchemove.database import Database
from alchemove.settings import Settings
from tests.compat.models import Base


@pytest.fixture
def make_database(postgres_url: URL) -> Iterator[Callable[..., Database]]:
    """Databases with settings of the test's choice; all are closed afterwards."""
    made: list[Database] = []

    def make(driver: str = "postgresql", **settings: Any) -> Database:
        options = {name: settings.pop(name) for name in ("tenants", "engine_options") if name in settings}
        database = Database(Settings(url=postgres_url.set(drivername=driver), **settings), **options)
        made.append(database)
        return database

    yield make
    for database in made:
        database.close_all_connections()


@pytest.fixture
def database(make_database: Callable[..., Database]) -> Database:
    """A small pool on a fresh PostgreSQL database with tables."""
    database = make_database(pool_size=2, max_overflow=1, pool_timeout=2)
    database.create_db_tables(Base)
    return database


@pytest.fixture
def outside(postgres_url: URL) -> Iterator[Engine]:
    """Another client of the same database, which sees only what is committed."""
    engine = create_engine(postgres_url)
    yield engine
    engine.dispose()
