"""Is the database there, how fast, and how full is the pool? For a health endpoint."""

from __future__ import annotations

import asyncio
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine
from sqlalchemy.pool import Pool, QueuePool

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine


@dataclass(frozen=True, slots=True)
class PoolState:
    """How full a pool is.

    ``limit`` is ``None`` where there is none; ``waiting`` is known of the async pool only.
    """

    in_use: int
    idle: int
    waiting: int | None
    limit: int | None


@dataclass(frozen=True, slots=True)
class Health:
    """The answer of ``healthcheck()``.

    ``error`` names the kind of failure and never holds the text of the driver, in which hosts and users stand, so that
    it can be shown to anybody. ``reason`` holds that text, for logs.
    """

    ok: bool
    milliseconds: float
    pool: PoolState | None
    error: str | None = None
    reason: str | None = None

    def public(self) -> dict[str, Any]:
        """The answer as JSON values, without ``reason``."""
        values = asdict(self)
        del values["reason"]
        return values


def check(engine: Engine) -> Health:
    """One round trip on a connection of the pool."""
    started = time.perf_counter()
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("SELECT 1")
    except Exception as error:  # noqa: BLE001 - whatever goes wrong is the answer
        return _failed(started, engine.pool, error)
    return Health(True, _milliseconds(started), pool_state(engine.pool))


async def check_async(engine: AsyncEngine, timeout: float) -> Health:
    """One round trip on a connection of the pool, given up after ``timeout`` seconds."""
    started = time.perf_counter()
    try:
        await asyncio.wait_for(_round_trip(engine), timeout)
    except Exception as error:  # noqa: BLE001 - whatever goes wrong is the answer
        return _failed(started, engine.sync_engine.pool, error)
    return Health(True, _milliseconds(started), pool_state(engine.sync_engine.pool))


def pool_state(pool: Pool) -> PoolState | None:
    """How full a pool is; ``None`` for pools that do not count."""
    if not isinstance(pool, QueuePool):
        return None
    waiting = getattr(pool, "waiting", None)
    overflow = pool._max_overflow
    return PoolState(
        in_use=pool.checkedout(),
        idle=pool.checkedin(),
        waiting=None if waiting is None else waiting(),
        limit=None if overflow == -1 else pool.size() + overflow,
    )


async def _round_trip(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        await connection.exec_driver_sql("SELECT 1")


def _failed(started: float, pool: Pool, error: Exception) -> Health:
    return Health(False, _milliseconds(started), pool_state(pool), type(error).__name__, str(error))


def _milliseconds(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 3)
