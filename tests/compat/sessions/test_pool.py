"""The async pool under load: the limit holds, everybody gets a turn, and nobody waits for ever."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import threading
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError, SAWarning, TimeoutError  # noqa: A004
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from alchemove.database import Database
from tests.postgres import Postgres


async def test_the_limit_holds_and_connections_are_kept(
    make_database: Callable[..., Database], postgres_server: Postgres
) -> None:
    database = make_database(pool_size=2, max_overflow=3, pool_timeout=10)
    opened: list[int] = []
    event.listen(database.async_engine.sync_engine, "connect", lambda *_: opened.append(1))
    name = database.settings.url.database
    assert name is not None
    most = 0

    async def work() -> None:
        nonlocal most
        async with database.session() as session:
            await session.execute(text("SELECT pg_sleep(0.002)"))
            most = max(most, database.async_engine.pool.checkedout())

    for _ in range(5):
        await asyncio.gather(*(work() for _ in range(40)))
        assert postgres_server.connections(name) <= 5
    assert most == 5
    assert len(opened) == 5


async def test_both_engines_of_a_process_hold_twice_the_limit(
    make_database: Callable[..., Database], postgres_server: Postgres
) -> None:
    database = make_database(pool_size=2, max_overflow=0)
    name = database.settings.url.database
    assert name is not None

    def hold() -> None:
        with database.sync_session() as session:
            session.execute(text("SELECT 1"))
            everybody.wait(10)

    everybody = threading.Barrier(3)
    async with database.session() as first, database.session() as second:
        for session in (first, second):
            await session.execute(text("SELECT 1"))
        assert postgres_server.connections(name) == 2
        held = [asyncio.create_task(asyncio.to_thread(hold)) for _ in range(2)]
        await asyncio.to_thread(everybody.wait, 10)
        await asyncio.gather(*held)
        assert postgres_server.connections(name) == 4


async def test_the_plain_pool_opens_and_closes_connections_all_the_time(
    make_database: Callable[..., Database],
) -> None:
    url = make_database("postgresql+asyncpg").settings.url
    engine = create_async_engine(url, pool_size=2, max_overflow=3)
    opened: list[int] = []
    event.listen(engine.sync_engine, "connect", lambda *_: opened.append(1))

    async def work() -> None:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT pg_sleep(0.002)"))

    for _ in range(5):
        await asyncio.gather(*(work() for _ in range(40)))
    await engine.dispose()
    assert len(opened) > 10


async def test_an_exhausted_pool_is_an_error_that_says_what_to_do(make_database: Callable[..., Database]) -> None:
    database = make_database(pool_size=1, max_overflow=0, pool_timeout=0.1)
    async with database.session() as session:
        await session.execute(text("SELECT 1"))
        started = time.monotonic()
        with pytest.raises(TimeoutError, match=r"All 1 connections \(DB_POOL_SIZE \+ DB_MAX_OVERFLOW\) were in use"):
            async with database.session() as nested:
                await nested.execute(text("SELECT 1"))
        assert 0.1 <= time.monotonic() - started < 2
    async with database.session() as session:
        assert await session.scalar(text("SELECT 1")) == 1


async def test_past_the_servers_limit_the_error_comes_at_once_and_nothing_is_lost(
    make_database: Callable[..., Database], postgres_server: Postgres
) -> None:
    """`pool_timeout` does not wait for the server: size the pools of all processes below ``max_connections``."""
    database = make_database(pool_size=5, max_overflow=0, pool_timeout=30)
    name = database.settings.url.database
    postgres_server.execute(f"ALTER DATABASE {name} CONNECTION LIMIT 2")

    async def work() -> None:
        async with database.session() as session:
            await session.execute(text("SELECT pg_sleep(0.2)"))

    started = time.monotonic()
    outcomes = await asyncio.gather(*(work() for _ in range(5)), return_exceptions=True)
    assert time.monotonic() - started < 5
    errors = [outcome for outcome in outcomes if outcome is not None]
    assert len(errors) == 3
    assert all(isinstance(error, OperationalError) for error in errors)
    assert all("too many connections" in str(error) for error in errors)
    assert database.async_engine.pool.checkedout() == 0
    await asyncio.gather(work(), work())


async def test_a_lost_session_gives_its_place_back(make_database: Callable[..., Database]) -> None:
    database = make_database(pool_size=1, max_overflow=0, pool_timeout=2)
    session = database.async_sessions()
    await session.execute(text("SELECT 1"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SAWarning)
        del session
        gc.collect()
    async with database.session() as session:
        assert await session.scalar(text("SELECT 1")) == 1
    assert database.async_engine.pool.checkedout() == 0


async def test_connections_that_the_server_ended_are_replaced(
    make_database: Callable[..., Database], postgres_server: Postgres
) -> None:
    database = make_database(pool_size=2, max_overflow=0)
    async with database.session() as session:
        first = await session.scalar(text("SELECT pg_backend_pid()"))
    postgres_server.execute(f"SELECT pg_terminate_backend({first})")
    async with database.session() as session:
        assert await session.scalar(text("SELECT pg_backend_pid()")) != first


async def test_a_connection_that_dies_in_use_gives_its_place_back(
    make_database: Callable[..., Database], postgres_server: Postgres
) -> None:
    database = make_database(pool_size=1, max_overflow=0, pool_timeout=2)
    with pytest.raises(Exception, match=r"(?i)terminat|clos|connection"):
        async with database.session() as session:
            pid = await session.scalar(text("SELECT pg_backend_pid()"))
            postgres_server.execute(f"SELECT pg_terminate_backend({pid})")
            await session.execute(text("SELECT 1"))
    async with database.session() as session:
        assert await session.scalar(text("SELECT 1")) == 1


def sockets_to(port: int) -> set[int]:
    """The local ports of this process's established connections to a port."""
    files = (Path("/proc/self/fd") / name for name in os.listdir("/proc/self/fd"))
    own = {os.readlink(file) for file in files if os.path.lexists(file)}
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {
        int(row[1].split(":")[1], 16)
        for row in rows
        if row[3] == "01" and int(row[2].split(":")[1], 16) == port and f"socket:[{row[9]}]" in own
    }


@pytest.mark.skipif(not os.path.exists("/proc/net/tcp"), reason="needs a system that lists its sockets")
async def test_a_server_process_may_outlive_its_connection_while_the_limit_of_connections_holds(
    make_database: Callable[..., Database], postgres_server: Postgres
) -> None:
    """Counted at the server, there is one more than the limit until the old process has noticed."""
    if postgres_server.cluster is None:
        pytest.skip("stops a process of the server")
    database = make_database(pool_size=2, max_overflow=0, pool_timeout=5)
    name, port = database.settings.url.database, database.settings.url.port
    assert port is not None
    count = f"SELECT client_port FROM pg_stat_activity WHERE datname = '{name}'"
    first: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def work(seconds: float) -> None:
        async with database.session() as session:
            pid = await session.scalar(text("SELECT pg_backend_pid()"))
            if not first.done():
                first.set_result(pid)
            await session.execute(text(f"SELECT pg_sleep({seconds})"))

    held = [asyncio.ensure_future(work(30)) for _ in range(2)]
    process = await first
    # Stopped anywhere else it could hold a lock of the server, and everybody would wait for it, this test as well.
    waits_for = f"SELECT wait_event FROM pg_stat_activity WHERE pid = {process}"
    while postgres_server.execute(waits_for) != [("PgSleep",)]:  # noqa: ASYNC110 - the server tells nobody
        await asyncio.sleep(0.01)
    os.kill(process, signal.SIGSTOP)
    try:
        for task in held:
            task.cancel()
        await asyncio.gather(*held, return_exceptions=True)
        others = [asyncio.ensure_future(work(0.5)) for _ in range(2)]
        deadline = time.monotonic() + 5
        while len(ports := {row[0] for row in postgres_server.execute(count)}) < 3 and time.monotonic() < deadline:  # noqa: ASYNC110 - the server tells nobody
            await asyncio.sleep(0.01)
        assert len(ports) == 3
        assert len(sockets_to(port) & {int(str(each)) for each in ports}) == 2
        await asyncio.gather(*others)
    finally:
        os.kill(process, signal.SIGCONT)


async def test_an_unlimited_overflow_is_allowed(make_database: Callable[..., Database]) -> None:
    database = make_database(pool_size=1, max_overflow=-1)

    async def work() -> None:
        async with database.session() as session:
            await session.execute(text("SELECT pg_sleep(0.1)"))

    await asyncio.gather(*(work() for _ in range(8)))
    assert database.async_engine.pool.checkedin() == 1


async def test_other_pools_can_be_asked_for(make_database: Callable[..., Database]) -> None:
    """``poolclass``, not ``pool_nullpool``, which `create_engine` does not know."""
    database = make_database(engine_options={"poolclass": NullPool})
    async with database.session() as session:
        assert await session.scalar(text("SELECT 1")) == 1
    with database.sync_session() as sync:
        assert sync.scalar(text("SELECT 1")) == 1
    with pytest.raises(TypeError, match="pool_nullpool"):
        _ = make_database(engine_options={"pool_nullpool": True}).sync_engine


async def test_the_health_check_shows_a_full_pool_and_a_lost_server(
    make_database: Callable[..., Database], postgres_server: Postgres
) -> None:
    database = make_database(pool_size=1, max_overflow=0)
    healthy = await database.healthcheck()
    assert healthy.ok
    assert healthy.pool is not None
    assert (healthy.pool.in_use, healthy.pool.idle, healthy.pool.waiting, healthy.pool.limit) == (0, 1, 0, 1)
    async with database.session() as session:
        await session.execute(text("SELECT 1"))
        full = await database.healthcheck(timeout=0.1)
        assert (full.ok, full.error) == (False, "TimeoutError")
        assert full.pool is not None
        assert full.pool.in_use == 1
    assert database.healthcheck_sync().ok

    gone = Database("postgresql://someone:secret@127.0.0.1:1/nowhere")
    for answer in (await gone.healthcheck(), gone.healthcheck_sync()):
        assert not answer.ok
        assert "secret" not in str(answer.public()) + str(answer)
        assert "reason" not in answer.public()


async def test_a_server_that_is_not_there_is_the_same_error_in_both_engines() -> None:
    """From a plain async engine it is ``ConnectionRefusedError``, which no handler of database errors catches."""
    url = "postgresql+asyncpg://someone@127.0.0.1:1/nowhere"
    database = Database(url)
    with pytest.raises(OperationalError):
        async with database.session() as session:
            await session.execute(text("SELECT 1"))
    with pytest.raises(OperationalError), database.sync_session() as sync:
        sync.execute(text("SELECT 1"))
    with pytest.raises(ConnectionRefusedError):
        async with create_async_engine(url).connect():
            pass


def test_errors_of_a_server_that_is_not_there_do_not_show_the_password() -> None:
    database = Database("postgresql://someone:secret@127.0.0.1:1/nowhere")
    with pytest.raises(OperationalError) as raised, database.sync_session() as session:
        session.execute(text("SELECT 1"))
    assert "secret" not in str(raised.value) + repr(database) + repr(database.settings)
