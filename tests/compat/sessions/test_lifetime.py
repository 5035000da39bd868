"""Event loops, forks, disposal and the end of the program: no warning, and nothing left open on the server.

Each program runs in a process of its own with all warnings on, and what it prints to stderr must be empty.
"""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from sqlalchemy import URL, make_url

from tests.postgres import Postgres

ROOT = Path(__file__).resolve().parents[3]
START = """
import asyncio, os, sys, threading
from sqlalchemy import text
from alchemove.database import Database
database = Database(os.environ["DATABASE_URL"])
async def one():
    async with database.session() as session:
        return await session.scalar(text("SELECT {expression}"))
def sync_one():
    with database.sync_session() as session:
        return session.scalar(text("SELECT {expression}"))
"""


def _identity(url: URL) -> str:
    return "1" if url.drivername == "sqlite" else "pg_backend_pid()"


def run(program: str, url: URL) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            sys.executable,
            "-W",
            "always",
            "-c",
            START.replace("{expression}", _identity(url)) + textwrap.dedent(program),
        ],
        env={
            **os.environ,
            "DATABASE_URL": url.render_as_string(hide_password=False).replace("+psycopg2:", ":"),
            "PYTHONPATH": os.pathsep.join([str(ROOT / "compat"), os.environ.get("PYTHONPATH", "")]),
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def must_be_clean(program: str, url: URL, server: Postgres) -> str:
    done = run(program, url)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert url.database is not None
    deadline = time.monotonic() + 5
    while server.connections(url.database) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert server.connections(url.database) == 0
    return done.stdout


PROGRAMS = {
    "nothing is used": "",
    "an exit without dispose": "sync_one(); asyncio.run(one())",
    "asyncio.run several times": "for _ in range(3): asyncio.run(one())",
    "an engine taken before any loop runs": """
        engine = database.async_engine
        async def use():
            async with engine.connect() as connection:
                await connection.execute(text("SELECT 1"))
        asyncio.run(use()); asyncio.run(use())
        """,
    "dispose from sync code": "sync_one(); asyncio.run(one()); database.dispose(); sync_one(); asyncio.run(one())",
    "dispose awaited": """
        async def main():
            await one(); sync_one()
            await database.dispose()
            await one()
        asyncio.run(main())
        """,
    "dispose in async code that nobody awaits": """
        async def main():
            await one()
            database.dispose()
            await asyncio.sleep(0.1)
        asyncio.run(main())
        """,
    "close_all_connections inside a loop": """
        async def main():
            await asyncio.gather(one(), one(), one()); sync_one()
            database.close_all_connections()
            await asyncio.sleep(0.05)
            await one()
            database.close_all_connections()
        asyncio.run(main())
        """,
    "close_all_connections while a session is open": """
        async def main():
            async with database.session() as session:
                await session.execute(text("SELECT 1"))
                with database.sync_session() as sync:
                    sync.execute(text("SELECT 1"))
                    database.close_all_connections()
                    sync.execute(text("SELECT 1"))
                await session.execute(text("SELECT 1"))
            assert database.async_engine.pool.checkedin() == 0
        asyncio.run(main())
        """,
    "close_all_connections from a thread while the loop runs": """
        async def main():
            await one()
            await asyncio.to_thread(database.close_all_connections)
            assert database.async_engine.pool.checkedin() == 0
        asyncio.run(main())
        """,
    "dispose from another loop": """
        async def main():
            await one()
            await asyncio.to_thread(lambda: asyncio.run(database.dispose()))
            assert database.async_engine.pool.checkedin() == 0
            await one()
        asyncio.run(main())
        """,
    "a loop between two calls": """
        loop = asyncio.new_event_loop()
        loop.run_until_complete(one())
        database.close_all_connections()
        loop.run_until_complete(one())
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
        """,
    "a loop closed without shutdown_asyncgens": """
        loop = asyncio.new_event_loop()
        loop.run_until_complete(one())
        loop.close()
        asyncio.run(one())
        """,
    "loops in several threads": """
        threads = [threading.Thread(target=lambda: [asyncio.run(one()) for _ in range(5)]) for _ in range(4)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        """,
    "a task left open when the loop ends": """
        async def main():
            global opened
            opened = asyncio.Event()
            task = asyncio.create_task(hold())
            await opened.wait()
        async def hold():
            async with database.session() as session:
                await session.execute(text("SELECT 1"))
                opened.set()
                await asyncio.sleep(60)
        asyncio.run(main())
        """,
    "an async generator left open when the loop ends": """
        async def rows():
            async with database.session() as session:
                for value in await session.scalars(text("SELECT generate_series(1, 3)")):
                    yield value
        async def main():
            global kept
            kept = rows()
            await kept.__anext__()
        asyncio.run(main())
        """,
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_no_warning_and_no_connection_is_left_by(name: str, postgres_url: URL, postgres_server: Postgres) -> None:
    must_be_clean(PROGRAMS[name], postgres_url, postgres_server)


OTHER_DRIVERS = [
    "an exit without dispose",
    "asyncio.run several times",
    "dispose awaited",
    "close_all_connections inside a loop",
    "close_all_connections from a thread while the loop runs",
    "a loop closed without shutdown_asyncgens",
]


@pytest.mark.parametrize("name", OTHER_DRIVERS)
def test_no_warning_and_no_connection_is_left_by_psycopg(
    name: str, postgres_url: URL, postgres_server: Postgres
) -> None:
    must_be_clean(PROGRAMS[name], postgres_url.set(drivername="postgresql+psycopg"), postgres_server)


@pytest.mark.parametrize(
    ("name", "place"), [(name, "/file.db") for name in OTHER_DRIVERS] + [(name, "") for name in OTHER_DRIVERS[:3]]
)
def test_no_warning_and_no_hanging_thread_is_left_by_sqlite(name: str, place: str, tmp_path: Path) -> None:
    url = make_url(f"sqlite:///{tmp_path}{place}" if place else "sqlite://")
    done = run(PROGRAMS[name], url)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr


def test_a_plain_engine_fails_in_the_second_loop(postgres_url: URL) -> None:
    program = """
        from sqlalchemy.ext.asyncio import create_async_engine
        engine = create_async_engine(os.environ["DATABASE_URL"].replace("postgresql:", "postgresql+asyncpg:"),
                                     pool_pre_ping=True)
        async def use():
            async with engine.connect() as connection:
                await connection.execute(text("SELECT 1"))
        asyncio.run(use()); asyncio.run(use())
        """
    done = run(program, postgres_url)
    assert done.returncode == 1
    assert "Event loop is closed" in done.stderr or "different loop" in done.stderr


def test_sqlite_hides_that_an_engine_belongs_to_one_loop(tmp_path: Path) -> None:
    """Which is why a suite on SQLite does not find the failure of the test above."""
    program = """
        from sqlalchemy.ext.asyncio import create_async_engine
        engine = create_async_engine(os.environ["DATABASE_URL"].replace("sqlite:", "sqlite+aiosqlite:"))
        async def use():
            async with engine.connect() as connection:
                await connection.execute(text("SELECT 1"))
        asyncio.run(use()); asyncio.run(use()); asyncio.run(engine.dispose())
        """
    assert run(program, make_url(f"sqlite:///{tmp_path}/file.db")).returncode == 0


def test_closing_a_plain_engine_from_sync_code_inside_a_loop_fails_or_complains(postgres_url: URL) -> None:
    program = """
        from sqlalchemy.ext.asyncio import create_async_engine
        engine = create_async_engine(os.environ["DATABASE_URL"].replace("postgresql:", "postgresql+asyncpg:"))
        async def main():
            async with engine.connect() as connection:
                await connection.execute(text("SELECT 1"))
            try:
                asyncio.run(engine.dispose())
            except RuntimeError as error:
                print(error)
            engine.sync_engine.dispose()
        asyncio.run(main())
        """
    done = run(program, postgres_url)
    assert "asyncio.run() cannot be called from a running event loop" in done.stdout
    assert done.stderr != ""


FORK = """
    import warnings
    warnings.simplefilter("ignore", DeprecationWarning)
    parent = sync_one()
    loop = asyncio.new_event_loop()
    async_parent = loop.run_until_complete(one())
    child = os.fork()
    if child == 0:
        assert sync_one() != parent
        assert asyncio.run(one()) != async_parent
        sys.exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert sync_one() == parent
    assert loop.run_until_complete(one()) == async_parent
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()
    """


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_worker_opens_connections_of_its_own_and_leaves_the_parents_alone(
    postgres_url: URL, postgres_server: Postgres
) -> None:
    must_be_clean(FORK, postgres_url, postgres_server)
