"""Fixtures for every test: a real PostgreSQL server, and a fresh database on it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import URL

from tests.postgres import Postgres, postgres


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """The PostgreSQL server of this run, started on first use."""
    with postgres() as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: Postgres) -> Iterator[URL]:
    """The URL (psycopg2) of a fresh database, owned by a role that is no superuser."""
    with postgres_server.database() as name:
        yield postgres_server.url(name, "postgresql+psycopg2")


@pytest.fixture
def database_url(postgres_url: URL) -> str:
    """The same as text, as ``DATABASE_URL`` would hold it."""
    return postgres_url.set(drivername="postgresql").render_as_string(hide_password=False)
