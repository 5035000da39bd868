"""The connection pool of the async engine: first come, first served, and one set of connections for each event loop.

SQLAlchemy's async pool of 10 + 20 opens and closes connections all the time once more than ten are in use, and lets
newcomers overtake those who wait (see `alchemove.gate`). Here all connections up to the limit are kept.

An asyncpg connection works on the event loop that opened it and on no other. Each loop therefore gets connections of
its own: an engine made at import time serves ``asyncio.run`` called twice, and several threads with a loop each. What a
loop leaves idle is closed when it shuts down.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import os
import threading
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import exc
from sqlalchemy.pool import AsyncAdaptedQueuePool, ConnectionPoolEntry
from sqlalchemy.util.concurrency import await_only, greenlet_spawn, in_greenlet

from alchemove.gate import Gate

_LANE = "alchemove.lane"
# The driver's own errors, and what SQLAlchemy 2.1 makes of them.
_ASYNCPG = ("asyncpg.", "sqlalchemy.dialects.postgresql.asyncpg")
# Another loop that is busy or blocked must not hold up the end of the program.
_PATIENCE = 5.0


@dataclass(slots=True, eq=False)
class Lane:
    """The connections of one event loop."""

    loop: asyncio.AbstractEventLoop
    thread: int
    gate: Gate
    idle: list[ConnectionPoolEntry] = field(default_factory=list[ConnectionPoolEntry])
    closed: bool = False
    at_shutdown: AsyncGenerator[None, None] | None = None


class LoopPool(AsyncAdaptedQueuePool):
    """A pool for ``create_async_engine(poolclass=LoopPool)``.

    ``pool_size`` is the number of connections kept idle, ``pool_size + max_overflow`` the limit for each event loop.
    """

    def __init__(self, creator: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(_as_operational_error(creator), *args, **kwargs)
        self._lanes: dict[asyncio.AbstractEventLoop, Lane] = {}
        self._gates: dict[asyncio.AbstractEventLoop, Gate] = {}
        self._lanes_lock = threading.Lock()
        self._disposed = False
        self._process = os.getpid()
        self._introduction = threading.Lock()
        self._introduced = False

    @property
    def limit(self) -> int | None:
        """The most connections that one event loop gets; ``None`` without a limit."""
        return None if self._max_overflow == -1 else self.size() + self._max_overflow

    def _do_get(self) -> ConnectionPoolEntry:
        lane = self._lane(asyncio.get_running_loop())
        if not lane.gate.enter_at_once():
            self._wait(lane.gate)
        try:
            record = lane.idle.pop() if lane.idle else self._connect()
        except BaseException:
            lane.gate.leave()
            raise
        record.record_info[_LANE] = lane  # type: ignore[index]
        return record

    def _connect(self) -> ConnectionPoolEntry:
        if self._introduced:
            return self._create_connection()
        # SQLAlchemy learns about the server on the first connection, under an asyncio lock, which would never wake
        # another thread's event loop.
        while not self._introduction.acquire(blocking=False):
            await_only(asyncio.sleep(0.002))
        try:
            record = self._create_connection()
        finally:
            self._introduction.release()
        self._introduced = True
        return record

    def _wait(self, gate: Gate) -> None:
        try:
            await_only(gate.enter())
        except TimeoutError:
            raise exc.TimeoutError(
                f"All {self.limit} connections (DB_POOL_SIZE + DB_MAX_OVERFLOW) were in use for {self._timeout:g} s "
                f"(DB_POOL_TIMEOUT), and {gate.waiting} more wait. Sessions that are held while something else is "
                "awaited, or opened inside one another, are the usual cause.",
                code="3o7r",
            ) from None

    def _do_return_conn(self, record: ConnectionPoolEntry) -> None:
        lane: Lane = record.record_info.pop(_LANE)  # type: ignore[union-attr]
        try:
            here = asyncio.get_running_loop() is lane.loop
        except RuntimeError:
            here = False
        if here:
            self._put_back(lane, record)
        elif not lane.loop.is_closed():
            # The garbage collector returns what was lost, in whichever thread it runs.
            with contextlib.suppress(RuntimeError):
                lane.loop.call_soon_threadsafe(self._put_back, lane, record)

    def _put_back(self, lane: Lane, record: ConnectionPoolEntry) -> None:
        try:
            if self._disposed or lane.closed or len(lane.idle) >= self._kept:
                self._discard(record)
            else:
                lane.idle.append(record)
        finally:
            lane.gate.leave()

    def _discard(self, record: ConnectionPoolEntry) -> None:
        connection = record.dbapi_connection
        if in_greenlet():
            record.close()
        elif connection is not None:
            # Nothing can be awaited here: break the connection off.
            driver = record.driver_connection
            _empty(record)
            if self._dialect.has_terminate:
                self._close_connection(connection, terminate=True)
            else:
                _cut(driver)

    def _lane(self, loop: asyncio.AbstractEventLoop) -> Lane:
        lane = self._lanes.get(loop)
        if lane is not None:
            return lane
        with self._lanes_lock:
            for old in [other for other in self._lanes if other.is_closed()]:
                self._abandon(self._lanes.pop(old))
            gate = self._gates.setdefault(loop, Gate(self.limit, self._timeout))
            lane = self._lanes[loop] = Lane(loop, threading.get_ident(), gate)
        lane.at_shutdown = self._at_shutdown(lane)
        # One step makes the generator known to the loop, which closes it in shutdown_asyncgens(). asyncio.run,
        # uvicorn, anyio and pytest-asyncio all call that, before they close the loop.
        with contextlib.suppress(StopIteration):
            lane.at_shutdown.asend(None).send(None)
        return lane

    async def _at_shutdown(self, lane: Lane) -> AsyncGenerator[None, None]:
        try:
            yield
        finally:
            with self._lanes_lock:
                if self._lanes.get(lane.loop) is lane:
                    del self._lanes[lane.loop]
                self._gates.pop(lane.loop, None)
            await self._close_lane(lane)

    async def _close_lane(self, lane: Lane) -> None:
        lane.closed = True
        while lane.idle:
            await greenlet_spawn(lane.idle.pop().close)

    def _abandon(self, lane: Lane) -> None:
        """Drop the connections of a loop on which nothing can be awaited any more."""
        lane.closed = True
        self._gates.pop(lane.loop, None)
        while lane.idle:
            record = lane.idle.pop()
            if record.dbapi_connection is not None:
                _cut(record.driver_connection)
                _empty(record)

    def dispose(self) -> None:
        """Close what is idle, on every loop; what is in use is closed when it comes back."""
        self._disposed = True
        with self._lanes_lock:
            lanes = list(self._lanes.values())
            self._lanes.clear()
        try:
            here = asyncio.get_running_loop()
        except RuntimeError:
            here = None
        elsewhere = [future for lane in lanes if (future := self._dispose_lane(lane, here)) is not None]
        if here is None:
            concurrent.futures.wait(elsewhere, timeout=_PATIENCE)
        elif in_greenlet() and elsewhere:
            await_only(asyncio.wait([asyncio.wrap_future(future) for future in elsewhere], timeout=_PATIENCE))

    def _dispose_lane(
        self, lane: Lane, here: asyncio.AbstractEventLoop | None
    ) -> concurrent.futures.Future[None] | None:
        lane.closed = True
        if lane.loop is here:
            while lane.idle:
                self._discard(lane.idle.pop())
        elif lane.loop.is_closed():
            self._abandon(lane)
        elif lane.loop.is_running():
            with contextlib.suppress(RuntimeError):
                return asyncio.run_coroutine_threadsafe(self._close_lane(lane), lane.loop)
        elif here is None and lane.thread == threading.get_ident():
            # A loop between two calls of run_until_complete.
            lane.loop.run_until_complete(self._close_lane(lane))
        else:
            self._abandon(lane)
        return None

    def recreate(self) -> LoopPool:
        """An empty pool with the same settings; those who hold a connection of this one still count."""
        fresh = super().recreate()
        assert isinstance(fresh, LoopPool)
        if os.getpid() == self._process:
            fresh._gates = self._gates
        fresh._introduced = self._introduced
        return fresh

    @property
    def _kept(self) -> int:
        return self.size() + max(self._max_overflow, 0)

    def checkedin(self) -> int:
        """Idle connections, of all loops."""
        return sum(len(lane.idle) for lane in list(self._lanes.values()))

    def checkedout(self) -> int:
        """Connections in use, of all loops."""
        return sum(gate.held for gate in list(self._gates.values()))

    def waiting(self) -> int:
        """How many wait for a connection, on all loops."""
        return sum(gate.waiting for gate in list(self._gates.values()))

    def overflow(self) -> int:
        """Connections above the pool size."""
        return max(self.checkedin() + self.checkedout() - self.size(), 0)

    def status(self) -> str:
        """One line for logs."""
        limit = "no limit" if self.limit is None else f"limit {self.limit}"
        return f"{self.checkedout()} in use, {self.checkedin()} idle, {self.waiting()} waiting, {limit}"


def _as_operational_error(creator: Callable[..., Any]) -> Callable[..., Any]:
    """Let a failure to connect be the same error that it is with psycopg2.

    asyncpg raises its own and the operating system's errors. SQLAlchemy 2.0 passes them on from here as they are, 2.1
    makes some of them a plain ``DBAPIError``; an application that answers ``OperationalError`` with 503 would answer
    them with 500.
    """

    def connect(connection_record: ConnectionPoolEntry | None = None) -> Any:
        try:
            return creator(connection_record)
        except exc.SQLAlchemyError:
            raise
        except Exception as error:
            if isinstance(error, OSError | asyncio.TimeoutError) or type(error).__module__.startswith(_ASYNCPG):
                raise exc.OperationalError(None, None, error) from error
            raise

    return connect


def _empty(record: ConnectionPoolEntry) -> None:
    setattr(record, "dbapi_connection", None)  # noqa: B010 - the slot is declared in a private subclass


def _cut(connection: Any) -> None:
    """Break a driver's connection off whose event loop is gone, so that the server sees it end now."""
    transport = getattr(connection, "_transport", None)
    with contextlib.suppress(Exception):
        if hasattr(connection, "pgconn"):
            connection.pgconn.finish()
        elif hasattr(connection, "terminate"):
            connection.terminate()
        elif hasattr(connection, "stop"):
            connection.stop()
    # asyncio has no public way to close a transport without its loop; left alone it complains when it is collected.
    finish = getattr(transport, "_call_connection_lost", None)
    if finish is not None:
        with contextlib.suppress(Exception):
            finish(None)
