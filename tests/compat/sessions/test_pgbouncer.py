"""A real PgBouncer in transaction mode: every transaction may run on another server connection."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator

import pytest
from sqlalchemy import URL, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from alchemove.database import Database
from alchemove.settings import Settings
from tests.pgbouncer import installed, pgbouncer
from tests.postgres import Postgres

pytestmark = pytest.mark.skipif(not installed(), reason="no PgBouncer is installed")


@pytest.fixture
def bouncer(postgres_server: Postgres, postgres_url: URL) -> Iterator[URL]:
    assert postgres_url.database is not None
    with pgbouncer(postgres_server, postgres_url.database) as url:
        yield url


async def work(database: Database, number: int) -> BaseException | None:
    try:
        async with database.session() as session:
            # Few texts, so that cached statements would be met again on other connections.
            for part in range(2):
                await session.execute(text(f"SELECT CAST(:n AS integer) + {(number + part) % 4}"), {"n": number})
    except DBAPIError as error:
        return error
    return None


async def errors_and_leftovers(database: Database, server: Postgres) -> tuple[int, int]:
    failed: list[BaseException] = []
    for start in range(0, 400, 50):
        outcomes = await asyncio.gather(*(work(database, number) for number in range(start, start + 50)))
        failed += [outcome for outcome in outcomes if outcome is not None]

    async def leftovers() -> int:
        async with database.session() as session:
            return int(await session.scalar(text("SELECT count(*) FROM pg_prepared_statements WHERE name <> ''")) or 0)

    left = max(await asyncio.gather(*(leftovers() for _ in range(10)))) if not failed else -1
    await database.dispose()
    return len(failed), left


@pytest.mark.parametrize("driver", ["postgresql+asyncpg", "postgresql+psycopg"])
async def test_400_transactions_through_pgbouncer_fail_nowhere_and_leave_nothing(
    driver: str, bouncer: URL, postgres_server: Postgres
) -> None:
    settings = Settings(url=bouncer.set(drivername=driver), pool_size=10, max_overflow=10, pgbouncer=True)
    assert await errors_and_leftovers(Database(settings), postgres_server) == (0, 0)


async def test_the_defaults_fail_through_pgbouncer(bouncer: URL, postgres_server: Postgres) -> None:
    """The naive version: the same without ``pgbouncer=True``."""
    failed, _ = await errors_and_leftovers(Database(Settings(url=bouncer, pool_size=10)), postgres_server)
    assert failed > 0


async def test_the_documented_recipe_of_unique_names_and_no_pool_leaves_stale_statements(bouncer: URL) -> None:
    engine = create_async_engine(
        bouncer.set(drivername="postgresql+asyncpg"),
        poolclass=NullPool,
        connect_args={
            "statement_cache_size": 0,
            "prepared_statement_cache_size": 0,
            "prepared_statement_name_func": lambda: f"__asyncpg_{uuid.uuid4()}__",
        },
    )

    async def one(number: int) -> int:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT CAST(:n AS integer)"), {"n": number})
            left = await connection.scalar(text("SELECT count(*) FROM pg_prepared_statements WHERE name <> ''"))
            return int(left or 0)

    left = [await one(number) for number in range(20)]
    await engine.dispose()
    # The statement that counts is prepared itself, and so is the one before it.
    assert left[-1] > 2


def test_sync_sessions_work_with_both_drivers(bouncer: URL) -> None:
    for driver in ("psycopg2", "psycopg"):
        database = Database(bouncer.set(drivername=f"postgresql+{driver}"), pgbouncer=True)
        for number in range(20):
            with database.sync_session() as session:
                assert session.scalar(text("SELECT CAST(:n AS integer)"), {"n": number}) == number
        database.close_all_connections()
