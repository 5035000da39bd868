"""`session()` and `sync_session()`: nothing half committed, no false success, nothing usable after the end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Engine, event, select, text
from sqlalchemy.exc import IntegrityError, InvalidRequestError, PendingRollbackError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import DetachedInstanceError

from alchemove.database import Database
from alchemove.errors import SwallowedError
from alchemove.session_block import discard_uncommitted
from tests.compat.models import Account, Entry, LiteBase, Note


def names(outside: Engine) -> list[str]:
    with outside.connect() as connection:
        return list(connection.scalars(text("SELECT name FROM account ORDER BY id")))


async def in_both(database: Database, work: Callable[[Session], None]) -> list[BaseException | None]:
    """The same work in an async and in a sync session, with what each raised."""
    raised: list[BaseException | None] = []

    async def asynchronous() -> None:
        async with database.session() as session:
            await session.run_sync(work)

    def synchronous() -> None:
        with database.sync_session() as session:
            work(session)

    for run in (asynchronous(), asyncio.to_thread(synchronous)):
        try:
            await run
        except Exception as error:  # noqa: BLE001
            raised.append(error)
        else:
            raised.append(None)
    assert database.async_engine.pool.checkedout() == 0
    assert database.sync_engine.pool.checkedout() == 0
    return raised


async def test_the_end_of_the_block_commits(database: Database, outside: Engine) -> None:
    assert await in_both(database, lambda session: session.add(Account(name=f"{id(session)}"))) == [None, None]
    assert len(names(outside)) == 2


async def test_an_exception_rolls_everything_back(database: Database, outside: Engine) -> None:
    def work(session: Session) -> None:
        session.add(Account(name="a"))
        session.flush()
        raise KeyError("body")

    assert [type(error) for error in await in_both(database, work)] == [KeyError, KeyError]
    assert names(outside) == []


async def test_a_commit_that_fails_raises_and_leaves_nothing(database: Database, outside: Engine) -> None:
    def work(session: Session) -> None:
        session.add_all([Account(name="a"), Account(name="a")])

    assert [type(error) for error in await in_both(database, work)] == [IntegrityError, IntegrityError]
    assert names(outside) == []


async def test_a_commit_in_the_middle_is_durable_and_work_goes_on(database: Database, outside: Engine) -> None:
    def work(session: Session) -> None:
        account = Account(name=uuid4().hex)
        session.add(account)
        session.commit()
        session.refresh(account)
        assert session.scalars(select(Account).where(Account.name == account.name)).one() is account
        raise KeyError("after the commit")

    assert [type(error) for error in await in_both(database, work)] == [KeyError, KeyError]
    assert len(names(outside)) == 2


async def test_the_naive_begin_block_breaks_on_a_commit_in_the_middle(database: Database) -> None:
    async with AsyncSession(database.async_engine) as session:
        with pytest.raises(InvalidRequestError, match="closed transaction inside context manager"):
            async with session.begin():
                await session.commit()
                await session.execute(text("SELECT 1"))


async def test_a_session_that_discards_keeps_what_was_committed_and_nothing_else(
    database: Database, outside: Engine
) -> None:
    def work(session: Session) -> None:
        discard_uncommitted(session)
        session.add(Account(name=f"kept {id(session)}"))
        session.commit()
        session.add(Account(name="flushed"))
        session.flush()
        session.add(Account(name="pending"))

    assert await in_both(database, work) == [None, None]
    assert [name.split()[0] for name in names(outside)] == ["kept", "kept"]


async def test_a_session_that_is_closed_in_its_block_begins_anew_and_ends_with_it(
    database: Database, outside: Engine
) -> None:
    used: list[Session] = []

    def work(session: Session) -> None:
        session.add(Account(name=f"lost {id(session)}"))
        session.flush()
        session.close()
        session.add(Account(name=f"kept {id(session)}"))
        used.append(session)

    assert await in_both(database, work) == [None, None]
    assert [name.split()[0] for name in names(outside)] == ["kept", "kept"]
    for session in used:
        with pytest.raises(InvalidRequestError, match="permanently closed"):
            session.scalars(select(Account)).all()


async def test_objects_keep_what_they_have_when_an_exception_ends_the_session(database: Database) -> None:
    seen: list[Account] = []
    with pytest.raises(KeyError):
        async with database.session() as session:
            session.add(Account(name="a"))
            await session.commit()
            seen.append((await session.scalars(select(Account))).one())
            raise KeyError("body")
    assert seen[0].name == "a"


def test_objects_of_a_sync_session_keep_what_they_have_when_an_exception_ends_what_discards(database: Database) -> None:
    """As those of a legacy session that is only closed; one that commits at its end lets them expire with the rollback."""
    seen: list[Account] = []

    def use(*, discards: bool) -> None:
        with database.sync_session() as session:
            if discards:
                discard_uncommitted(session)
            session.add(Account(name=f"discards {discards}"))
            session.commit()
            seen.append(session.scalars(select(Account).where(Account.name == f"discards {discards}")).one())
            raise KeyError("body")

    with pytest.raises(KeyError):
        use(discards=True)
    with pytest.raises(KeyError):
        use(discards=False)
    assert seen[0].name == "discards True"
    with pytest.raises(DetachedInstanceError):
        _ = seen[1].name


async def test_a_session_that_discards_is_ended_like_any_other(database: Database) -> None:
    async with database.session() as session:
        discard_uncommitted(session)
        await session.execute(text("SELECT 1"))
    with pytest.raises(InvalidRequestError):
        await session.execute(text("SELECT 1"))
    async with database.session() as session:
        assert not session.info


async def test_a_savepoint_saves_the_rest(database: Database, outside: Engine) -> None:
    def work(session: Session) -> None:
        session.add(Account(name=uuid4().hex))
        session.execute(text("DELETE FROM entry"))
        session.add(Entry(label="twice"))
        session.flush()
        with pytest.raises(IntegrityError), session.begin_nested():
            session.add(Entry(label="twice"))
            session.flush()

    assert await in_both(database, work) == [None, None]
    assert len(names(outside)) == 2


async def test_a_savepoint_inside_a_savepoint_rolls_back_alone(database: Database, outside: Engine) -> None:
    def work(session: Session) -> None:
        with session.begin_nested():
            session.add(Account(name=f"outer {id(session)}"))
            with pytest.raises(KeyError), session.begin_nested():
                session.add(Account(name="inner"))
                session.flush()
                raise KeyError

    assert await in_both(database, work) == [None, None]
    assert [name.split()[0] for name in names(outside)] == ["outer", "outer"]


async def test_a_swallowed_flush_error_is_no_silent_success(database: Database, outside: Engine) -> None:
    def work(session: Session) -> None:
        session.add(Account(name="a"))
        session.flush()
        try:
            session.add_all([Entry(label="twice"), Entry(label="twice")])
            session.flush()
        except IntegrityError:
            pass

    assert [isinstance(error, PendingRollbackError) for error in await in_both(database, work)] == [True, True]
    assert names(outside) == []


async def test_the_naive_begin_block_ends_a_swallowed_flush_error_as_success(
    database: Database, outside: Engine
) -> None:
    async with AsyncSession(database.async_engine) as session, session.begin():
        session.add(Account(name="a"))
        await session.flush()
        try:
            session.add_all([Entry(label="twice"), Entry(label="twice")])
            await session.flush()
        except IntegrityError:
            pass
    assert names(outside) == []


async def test_a_swallowed_statement_error_is_no_silent_success(database: Database, outside: Engine) -> None:
    """COMMIT of a failed transaction rolls back without an error, in PostgreSQL and in the drivers."""

    def work(session: Session) -> None:
        session.add(Account(name="a"))
        session.flush()
        with contextlib.suppress(ProgrammingError):
            session.execute(text("SELECT * FROM missing"))

    raised = await in_both(database, work)
    assert [type(error) for error in raised] == [SwallowedError, SwallowedError]
    assert "begin_nested()" in str(raised[0])
    assert names(outside) == []


async def test_a_swallowed_error_of_a_query_is_no_error_where_nothing_was_written(
    database: Database, outside: Engine
) -> None:
    def work(session: Session) -> None:
        with session.begin_nested():
            session.scalars(select(Account.name)).all()
        with contextlib.suppress(ProgrammingError):
            session.execute(text("\n  select * FROM missing"))

    assert await in_both(database, work) == [None, None]

    def goes_on(session: Session) -> None:
        work(session)
        session.commit()
        session.add(Account(name=f"later {id(session)}"))

    assert await in_both(database, goes_on) == [None, None]
    assert len(names(outside)) == 2


async def test_a_swallowed_error_of_a_write_alone_is_no_silent_success(database: Database) -> None:
    def work(session: Session) -> None:
        with contextlib.suppress(ProgrammingError):
            session.execute(text("INSERT INTO missing VALUES (1)"))

    assert [type(error) for error in await in_both(database, work)] == [SwallowedError, SwallowedError]


async def test_a_plain_session_ends_a_swallowed_statement_error_as_success(database: Database, outside: Engine) -> None:
    async with AsyncSession(database.async_engine) as session:
        session.add(Account(name="a"))
        await session.flush()
        with contextlib.suppress(ProgrammingError):
            await session.execute(text("SELECT * FROM missing"))
        await session.commit()
    assert names(outside) == []


@pytest.mark.parametrize("cure", ["rollback", "savepoint", "savepoint as text"])
async def test_a_failed_statement_that_was_dealt_with_does_not_prevent_the_commit(
    cure: str, database: Database, outside: Engine
) -> None:
    def work(session: Session) -> None:
        try:
            match cure:
                case "savepoint":
                    with session.begin_nested():
                        session.execute(text("SELECT * FROM missing"))
                case _:
                    session.execute(text("SAVEPOINT mine"))
                    session.execute(text("SELECT * FROM missing"))
        except ProgrammingError:
            if cure == "rollback":
                session.rollback()
            elif cure == "savepoint as text":
                session.execute(text("ROLLBACK TO SAVEPOINT mine"))
        session.add(Account(name=uuid4().hex))

    assert await in_both(database, work) == [None, None]
    assert len(names(outside)) == 2


async def test_sessions_inside_one_another_are_two_transactions(database: Database, outside: Engine) -> None:
    async with database.session() as outer:
        outer.add(Account(name="outer"))
        await outer.flush()
        async with database.session() as inner:
            assert await inner.scalar(text("SELECT count(*) FROM account")) == 0
            inner.add(Account(name="inner"))
        assert names(outside) == ["inner"]
        with database.sync_session() as sync:
            assert sync.scalar(text("SELECT count(*) FROM account")) == 1
    assert sorted(names(outside)) == ["inner", "outer"]


async def test_a_session_used_after_its_end_raises(database: Database) -> None:
    async with database.session() as session:
        await session.execute(text("SELECT 1"))
    with pytest.raises(InvalidRequestError, match="permanently closed"):
        await session.execute(text("SELECT 1"))
    with pytest.raises(KeyError):
        async with database.session() as failed:
            await failed.execute(text("SELECT 1"))
            raise KeyError
    with pytest.raises(InvalidRequestError, match="permanently closed"):
        await failed.execute(text("SELECT 1"))
    with database.sync_session() as sync:
        sync.execute(text("SELECT 1"))
    with pytest.raises(InvalidRequestError, match="permanently closed"):
        sync.execute(text("SELECT 1"))


async def test_a_plain_session_silently_reopens_after_its_end(database: Database) -> None:
    async with AsyncSession(database.async_engine) as session:
        await session.execute(text("SELECT 1"))
    assert await session.scalar(text("SELECT 1")) == 1
    await session.close()


async def test_objects_stay_readable_after_an_async_commit(database: Database) -> None:
    account = Account(name="a")
    async with database.session() as session:
        session.add(account)
    assert (account.id, account.name) == (1, "a")


async def test_hooks_of_the_application_hear_of_commits_and_rollbacks(database: Database) -> None:
    heard: list[str] = []

    def listen(session: Session) -> None:
        event.listen(session, "after_commit", lambda _: heard.append("commit"))
        event.listen(session, "after_rollback", lambda _: heard.append("rollback"))
        session.execute(text("SELECT 1"))

    def fail(session: Session) -> None:
        listen(session)
        raise KeyError

    await in_both(database, listen)
    await in_both(database, fail)
    assert heard == ["commit", "commit", "rollback", "rollback"]


@pytest.mark.parametrize("where", ["body", "commit", "close"])
async def test_a_cancelled_task_gives_its_connection_back(where: str, database: Database, outside: Engine) -> None:
    with outside.begin() as connection:
        connection.execute(
            text(
                "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS "
                "$$BEGIN PERFORM pg_sleep(5); RETURN NULL; END$$"
            )
        )
        connection.execute(
            text(
                "CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON account DEFERRABLE INITIALLY DEFERRED "
                "FOR EACH ROW EXECUTE FUNCTION slow()"
            )
        )
    started = asyncio.Event()

    async def work() -> None:
        async with database.session() as session:
            session.add(Account(name="a"))
            await session.flush()
            if where == "close":
                asyncio.get_running_loop().call_soon(started.set)
                raise KeyError
            started.set()
            if where == "body":
                await asyncio.sleep(5)

    task = asyncio.create_task(work())
    await started.wait()
    if where == "commit":
        await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises((asyncio.CancelledError, KeyError)):
        await task
    for _ in range(300):
        if database.async_engine.pool.checkedout() == 0:
            break
        await asyncio.sleep(0.01)
    assert database.async_engine.pool.checkedout() == 0
    assert names(outside) == []
    async with database.session() as session:
        assert await session.scalar(text("SELECT 1")) == 1


async def test_tasks_that_share_a_session_get_the_error_that_says_so_and_no_connection_is_lost(
    database: Database,
) -> None:
    """The naive asyncio.gather() on one session: the tasks that go on must not keep it from being closed."""
    for _ in range(5):
        with pytest.raises(InvalidRequestError, match=r"concurrent operations are not permitted|isce") as raised:
            async with database.session() as session:
                await asyncio.gather(*(session.execute(text("SELECT pg_sleep(0.02)")) for _ in range(3)))
        assert "close()" not in str(raised.value)
    health = await database.healthcheck()
    assert health.pool is not None
    assert health.pool.in_use == 0


async def test_a_rollback_that_fails_does_not_hide_the_exception(
    database: Database, outside: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    def work(session: Session) -> None:
        pid = session.scalar(text("SELECT pg_backend_pid()"))
        with outside.connect() as connection:
            connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        raise KeyError("the reason")

    assert [type(error) for error in await in_both(database, work)] == [KeyError, KeyError]
    async with database.session() as session:
        assert await session.scalar(text("SELECT 1")) == 1
    with database.sync_session() as sync:
        assert sync.scalar(text("SELECT 1")) == 1


async def test_get_session_is_a_generator_for_other_frameworks(database: Database, outside: Engine) -> None:
    async for session in database.get_session():
        session.add(Account(name="a"))
    assert names(outside) == ["a"]


@pytest.mark.parametrize("place", ["memory", "file"])
async def test_sqlite_behaves_alike(place: str, tmp_path: Any) -> None:
    database = Database("sqlite://" if place == "memory" else f"sqlite:///{tmp_path / 'a.db'}")
    database.create_db_tables(LiteBase)
    await database.create_db_tables_async(LiteBase.metadata)
    try:
        for count in (1, 2):
            async with database.session() as session:
                session.add(Note(label=f"async {count}"))
            with database.sync_session() as sync:
                sync.add(Note(label=f"sync {count}"))
        with pytest.raises(IntegrityError):
            async with database.session() as session:
                session.add_all([Note(label="new"), Note(label="async 1")])
        with pytest.raises(IntegrityError), database.sync_session() as sync:
            sync.add_all([Note(label="new"), Note(label="sync 1")])
        async with database.session() as session:
            labels = set(await session.scalars(select(Note.label)))
        assert labels == ({"async 1", "async 2"} if place == "memory" else {"async 1", "async 2", "sync 1", "sync 2"})
        with pytest.raises(InvalidRequestError, match="permanently closed"):
            await session.execute(text("SELECT 1"))
    finally:
        await database.dispose()
