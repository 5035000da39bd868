"""What the session layer costs: ratios against bare SQLAlchemy, measured in turns in one run.

    python benchmarks/sessions.py

CPU time of this process for sessions; waiting time, at 256 tasks, for the pools. Exits with status 1 when an aim is missed.
"""

from __future__ import annotations

import asyncio
import gc
import os
import statistics
import sys
import time
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "compat")]

from sqlalchemy import URL, text  # noqa: E402 - after the path above
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine  # noqa: E402
from tests.postgres import postgres  # noqa: E402

from alchemove.database import Database  # noqa: E402
from alchemove.settings import Settings  # noqa: E402
from alchemove.tenants import tenant_scope  # noqa: E402

STATEMENT = text("SELECT 1")
ROUNDS = 15
TRANSACTIONS = 200
TASKS = 256


async def cpu(work: Callable[[], Awaitable[None]]) -> float:
    """Microseconds of CPU time for one call."""
    gc.collect()
    started = time.process_time()
    for _ in range(TRANSACTIONS):
        await work()
    return (time.process_time() - started) / TRANSACTIONS * 1e6


async def overhead(url: URL) -> list[tuple[str, float, float]]:
    """Name, ratio and aim of each face."""
    engine = create_async_engine(
        url.set(drivername="postgresql+asyncpg"), pool_size=10, max_overflow=20, pool_pre_ping=True
    )
    database, secured = Database(Settings(url=url)), Database(Settings(url=url), tenants=True)
    tenant = uuid.uuid4()

    async def bare() -> None:
        async with AsyncSession(engine) as session, session.begin():
            await session.execute(STATEMENT)

    async def managed() -> None:
        async with database.session() as session:
            await session.execute(STATEMENT)

    async def with_tenant() -> None:
        with tenant_scope(tenant):
            async with secured.session() as session:
                await session.execute(STATEMENT)

    for work in (bare, managed, with_tenant):
        await cpu(work)
    # In turns, so that what else happens on the machine hits all alike.
    rounds = [[await cpu(work) for work in (bare, managed, with_tenant)] for _ in range(ROUNDS)]
    figures = [statistics.median(column) for column in zip(*rounds, strict=True)]
    print(
        f"CPU for a transaction: bare AsyncSession {figures[0]:.0f} µs, session() {figures[1]:.0f} µs, with a tenant {figures[2]:.0f} µs"
    )
    await asyncio.gather(engine.dispose(), database.dispose(), secured.dispose())
    return [
        ("session() against bare AsyncSession", statistics.median(row[1] / row[0] for row in rounds), 1.25),
        (
            "session() with a tenant against bare AsyncSession",
            statistics.median(row[2] / row[0] for row in rounds),
            1.4,
        ),
    ]


async def p99(work: Callable[[], Awaitable[None]], repeats: int) -> tuple[float, float]:
    """The 99th percentile of the time until done, and operations for each second, with all tasks at once."""
    seconds: list[float] = []

    async def task() -> None:
        for _ in range(repeats):
            started = time.perf_counter()
            await work()
            seconds.append(time.perf_counter() - started)

    started = time.perf_counter()
    await asyncio.gather(*(task() for _ in range(TASKS)))
    elapsed = time.perf_counter() - started
    return sorted(seconds)[int(len(seconds) * 0.99)], len(seconds) / elapsed


async def fairness(url: URL) -> list[tuple[str, float, float]]:
    """The plain 10 + 20 pool against ours with the same settings."""
    engine = create_async_engine(
        url.set(drivername="postgresql+asyncpg"), pool_size=10, max_overflow=20, pool_pre_ping=True
    )
    database = Database(Settings(url=url))

    async def plain() -> None:
        async with AsyncSession(engine) as session, session.begin():
            await session.execute(STATEMENT)

    async def ours() -> None:
        async with database.session() as session:
            await session.execute(STATEMENT)

    for work in (plain, ours):
        await p99(work, 2)
    rounds = [(await p99(plain, 12), await p99(ours, 12)) for _ in range(3)]
    plain_p99, ours_p99 = (statistics.median(row[side][0] for row in rounds) for side in (0, 1))
    plain_rate, ours_rate = (statistics.median(row[side][1] for row in rounds) for side in (0, 1))
    print(
        f"{TASKS} tasks: plain 10 + 20 p99 {plain_p99 * 1000:.0f} ms at {plain_rate:.0f}/s, ours {ours_p99 * 1000:.0f} ms at {ours_rate:.0f}/s"
    )
    await asyncio.gather(engine.dispose(), database.dispose())
    return [
        (
            f"p99 at {TASKS} tasks against the plain 10 + 20 pool",
            statistics.median(row[1][0] / row[0][0] for row in rounds),
            1 / 3,
        )
    ]


def main() -> int:
    """Print the ratios and their aims."""
    os.environ.pop("TEST_DATABASE_URL", None)
    with postgres() as server, server.database() as name:
        url = server.url(name)
        ratios = asyncio.run(overhead(url)) + asyncio.run(fairness(url))
    for sentence, ratio, aim in ratios:
        print(f"{'ok  ' if ratio <= aim else 'MISS'} {ratio:.2f} (aim: at most {aim:.2f}) {sentence}")
    return 0 if all(ratio <= aim for _, ratio, aim in ratios) else 1


if __name__ == "__main__":
    raise SystemExit(main())
