"""Async code behind a sync interface."""

from __future__ import annotations

import asyncio
import threading

import anyio
import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import URL, Engine, select, text

from alchemove.bridge import as_sync
from alchemove.database import Database
from alchemove.errors import BridgeError
from alchemove.tenants import current_tenant, tenant_scope
from tests.compat.models import Account
from tests.compat.sessions.test_lifetime import must_be_clean
from tests.postgres import Postgres


class Store:
    """What an LLM library wants: sync methods."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.add = as_sync(self._add)
        self.names = as_sync(self._names)

    async def _add(self, name: str) -> int:
        async with self._database.session() as session:
            account = Account(name=name)
            session.add(account)
            await session.flush()
            return account.id

    async def _names(self) -> list[str]:
        async with self._database.session() as session:
            return list(await session.scalars(select(Account.name)))


@pytest.fixture
def store(database: Database) -> Store:
    return Store(database)


def test_sync_code_calls_it_again_and_again_on_kept_connections(store: Store, database: Database) -> None:
    pids = as_sync(lambda: pid(database))
    assert store.add("a") == 1
    assert store.names() == ["a"]
    assert len({pids() for _ in range(5)}) == 1


async def pid(database: Database) -> int:
    async with database.session() as session:
        return int(await session.scalar(text("SELECT pg_backend_pid()")) or 0)


async def test_async_code_calls_it_through_a_thread(store: Store) -> None:
    assert await asyncio.to_thread(store.add, "a") == 1
    assert await anyio.to_thread.run_sync(store.names) == ["a"]


async def test_a_call_on_the_loops_own_thread_is_an_error_and_no_deadlock(store: Store) -> None:
    with pytest.raises(BridgeError, match=r"_names\(\) was called on the thread of a running event loop .*to_thread"):
        store.names()


async def test_a_bridged_call_inside_a_bridged_call_is_an_error_and_no_deadlock(store: Store) -> None:
    async def nested() -> list[str]:
        return store.names()

    with pytest.raises(BridgeError):
        await asyncio.to_thread(as_sync(nested))


async def test_a_worker_thread_uses_the_loop_that_it_belongs_to(database: Database) -> None:
    """So a sync endpoint of FastAPI shares the pool of the async ones."""
    app = FastAPI()
    here = asyncio.get_running_loop()

    async def where() -> bool:
        return asyncio.get_running_loop() is here

    @app.get("/")
    def endpoint() -> bool:
        return as_sync(where)()

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test") as http:
        assert (await http.get("/")).json() is True


def test_exceptions_come_through_unchanged(store: Store) -> None:
    async def fail() -> None:
        raise RuntimeError("from inside")

    with pytest.raises(RuntimeError, match="from inside"):
        as_sync(fail)()


async def test_the_tenant_of_the_caller_counts_on_both_ways() -> None:
    async def tenant() -> str | None:
        return current_tenant()

    def call() -> str | None:
        with tenant_scope("a"):
            return as_sync(tenant)()

    assert await anyio.to_thread.run_sync(call) == "a"
    assert await asyncio.to_thread(call) == "a"


async def test_a_bridged_call_has_its_own_transaction_and_run_sync_shares_it(store: Store, database: Database) -> None:
    async with database.session() as session:
        session.add(Account(name="pending"))
        await session.flush()
        assert await asyncio.to_thread(store.names) == []
        assert await session.run_sync(lambda sync: list(sync.scalars(select(Account.name)))) == ["pending"]


def test_many_threads_call_at_the_same_time(store: Store, outside: Engine) -> None:
    threads = [threading.Thread(target=store.add, args=[str(number)]) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    with outside.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM account")) == 20


@pytest.mark.parametrize(
    "program",
    [
        "from alchemove import as_sync\nas_sync(one)()",
        "from alchemove import as_sync\nas_sync(one)(); database.close_all_connections(); as_sync(one)()",
        """
        import warnings
        warnings.simplefilter("ignore", DeprecationWarning)
        from alchemove import as_sync
        parent = as_sync(one)()
        child = os.fork()
        if child == 0:
            assert as_sync(one)() != parent
            sys.exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert as_sync(one)() == parent
        """,
    ],
    ids=["exit", "closed in between", "fork"],
)
def test_the_program_ends_without_a_warning_and_without_a_connection(
    program: str, postgres_url: URL, postgres_server: Postgres
) -> None:
    must_be_clean(program, postgres_url, postgres_server)
