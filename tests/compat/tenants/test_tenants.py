"""Row-level security: no row of another tenant is ever seen or written, whatever the pool does."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import DBAPIError, InvalidRequestError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from alchemove.database import Database
from alchemove.errors import TenantError
from alchemove.tenants import (
    current_tenant,
    disable_row_security,
    enable_row_security,
    set_current_tenant,
    tenant_scope,
)
from tests.pgbouncer import installed, pgbouncer
from tests.postgres import Postgres


class Base(DeclarativeBase):
    pass


class Document(Base):
    __tablename__ = "document"

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[uuid.UUID]
    title: Mapped[str]


TENANTS = [uuid.uuid5(uuid.NAMESPACE_DNS, str(number)) for number in range(20)]
A, B = TENANTS[:2]


class Operations:
    """What `alembic.op` offers to the helper; see test_alembic.py for the real one."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def execute(self, sqltext: str) -> None:
        with self._engine.begin() as connection:
            connection.execute(text(sqltext))


@pytest.fixture
def tables(outside: Engine) -> Engine:
    Base.metadata.create_all(outside)
    enable_row_security(Operations(outside), "document")
    return outside


@pytest.fixture
def database(make_database: Callable[..., Database], tables: Engine) -> Database:
    return make_database(tenants=True, pool_size=2, max_overflow=1, pool_timeout=20)


async def titles(session: AsyncSession) -> list[str]:
    return list(await session.scalars(select(Document.title).order_by(Document.id)))


async def fill(database: Database) -> None:
    for tenant in TENANTS:
        with tenant_scope(tenant):
            async with database.session() as session:
                session.add(Document(tenant_id=tenant, title=str(tenant)))


async def test_200_concurrent_requests_of_20_tenants_see_only_their_own_rows(database: Database) -> None:
    await fill(database)

    async def request(number: int) -> list[str]:
        with tenant_scope(TENANTS[number % 20]):
            async with database.session() as session:
                found = await titles(session)
                await asyncio.sleep(0)
                assert await titles(session) == found
                return found

    async def without() -> list[str]:
        async with database.session() as session:
            return await titles(session)

    seen = await asyncio.gather(*(request(number) for number in range(200)), *(without() for _ in range(40)))
    assert seen == [[str(TENANTS[number % 20])] for number in range(200)] + [[]] * 40
    assert database.async_engine.pool.checkedin() <= 3


@pytest.mark.skipif(not installed(), reason="no PgBouncer is installed")
async def test_the_same_through_pgbouncer(tables: Engine, postgres_server: Postgres) -> None:
    name = tables.url.database
    assert name is not None
    with pgbouncer(postgres_server, name) as url:
        clients = [
            Database(url.set(query={"pgbouncer": "true"}), tenants=True, engine_options={"pool_size": 10})
            for _ in range(3)
        ]
        await fill(clients[0])

        async def request(number: int) -> list[str]:
            with tenant_scope(TENANTS[number % 20]):
                async with clients[number % 3].session() as session:
                    return await titles(session)

        async def without(number: int) -> list[str]:
            async with clients[number % 3].session() as session:
                return await titles(session)

        def synchronous(number: int) -> list[str]:
            with clients[number % 3].sync_session(tenant=TENANTS[number % 20]) as session:
                return list(session.scalars(select(Document.title)))

        assert await asyncio.gather(*(request(number) for number in range(200))) == [
            [str(TENANTS[number % 20])] for number in range(200)
        ]
        assert await asyncio.gather(*(without(number) for number in range(40))) == [[]] * 40
        found = await asyncio.gather(*(asyncio.to_thread(synchronous, number) for number in range(60)))
        assert found == [[str(TENANTS[number % 20])] for number in range(60)]
        for client in clients:
            await client.dispose()


async def test_a_setting_for_the_connection_leaks_to_the_next_checkout(database: Database) -> None:
    """The naive version: ``set_config(..., false)``."""
    await fill(database)
    engine = database.async_engine
    async with AsyncSession(engine) as session:
        await session.execute(text("SELECT set_config('app.current_tenant_id', :id, false)"), {"id": str(A)})
        await session.commit()
    async with AsyncSession(engine) as other:
        assert await titles(other) == [str(A)]
    # Ours clears even what such code has left on the connection.
    async with database.session() as session:
        assert await titles(session) == []


async def test_the_tenant_holds_after_a_commit_in_the_middle(database: Database) -> None:
    await fill(database)
    with tenant_scope(A):
        async with database.session() as session:
            assert await titles(session) == [str(A)]
            await session.commit()
            assert await titles(session) == [str(A)]
            await session.rollback()
            assert await titles(session) == [str(A)]
            async with session.begin_nested() as savepoint:
                await savepoint.rollback()
            assert await titles(session) == [str(A)]

    def synchronous() -> None:
        with database.sync_session(tenant=A) as session:
            session.commit()
            assert session.scalars(select(Document.title)).all() == [str(A)]

    await asyncio.to_thread(synchronous)


async def test_the_naive_setting_after_opening_is_gone_after_a_commit(database: Database) -> None:
    await fill(database)
    async with AsyncSession(database.async_engine) as session:
        await session.execute(text("SELECT set_config('app.current_tenant_id', :id, true)"), {"id": str(A)})
        assert await titles(session) == [str(A)]
        await session.commit()
        assert await titles(session) == []


def test_events_on_async_session_are_refused_by_sqlalchemy() -> None:
    """Which is why the behaviour lives in a sync class that is handed over as ``sync_session_class``."""
    from sqlalchemy import event

    with pytest.raises((NotImplementedError, InvalidRequestError)):
        event.listen(AsyncSession, "after_begin", lambda *_: None)


async def test_an_explicit_tenant_wins_over_the_scope(database: Database) -> None:
    await fill(database)
    with tenant_scope(A):
        async with database.session(tenant=B) as session:
            assert await titles(session) == [str(B)]
        with database.sync_session(tenant=B) as sync:
            assert sync.scalars(select(Document.title)).all() == [str(B)]
        with tenant_scope(None):
            async with database.session() as session:
                assert await titles(session) == []


async def test_rows_of_another_tenant_can_be_neither_written_nor_changed(database: Database) -> None:
    await fill(database)
    with pytest.raises(DBAPIError, match="row-level security"):
        async with database.session(tenant=A) as session:
            session.add(Document(tenant_id=B, title="foreign"))
    with pytest.raises(DBAPIError, match="row-level security"):
        async with database.session() as session:
            session.add(Document(tenant_id=A, title="nobody's"))
    async with database.session(tenant=A) as session:
        assert (await session.execute(text("UPDATE document SET title = 'x'"))).rowcount == 1
        assert (await session.execute(text("DELETE FROM document WHERE tenant_id = :id"), {"id": B})).rowcount == 0


async def test_a_session_may_not_go_on_in_another_scope_than_it_began_in(database: Database) -> None:
    await fill(database)
    with tenant_scope(A):
        async with database.session() as session:
            await titles(session)
            with tenant_scope(B):
                with pytest.raises(TenantError, match=f"began for tenant '{A}', and is used for tenant '{B}'"):
                    await titles(session)
                session.add(Document(tenant_id=A, title="new"))
                with pytest.raises(TenantError):
                    await session.flush()
                session.expunge_all()
                await session.commit()
                assert await titles(session) == [str(B)]
                await session.commit()


def test_the_scope_ends_with_the_block_also_after_an_exception() -> None:
    with pytest.raises(KeyError), tenant_scope(A):
        assert current_tenant() == str(A)
        raise KeyError
    assert current_tenant() is None
    with pytest.raises(TenantError, match="empty"), tenant_scope(""):
        pass


async def test_a_middleware_can_set_the_tenant_for_the_rest_of_its_context() -> None:
    async def request() -> str | None:
        set_current_tenant(7)
        await asyncio.sleep(0)
        return current_tenant()

    assert await asyncio.gather(asyncio.create_task(request())) == ["7"]
    assert current_tenant() is None


async def test_a_tenant_without_effect_is_an_error(make_database: Callable[..., Database]) -> None:
    database = make_database()
    with pytest.raises(TenantError, match="tenants=True"):
        database.session(tenant=A)
    with tenant_scope(A), pytest.raises(TenantError, match="tenants=True"):
        async with database.session() as session:
            await session.execute(text("SELECT 1"))
    with pytest.raises(TenantError, match="SQLite has no row-level security"):
        Database("sqlite://", tenants=True)


def test_the_policy_is_forced_on_the_owner_and_survives_an_empty_setting(
    tables: Engine, database: Database, postgres_server: Postgres
) -> None:
    """The role of the tests owns the table; without FORCE it would see everything."""
    with database.sync_session(tenant=A) as session:
        session.add(Document(tenant_id=A, title="a"))
    with Session(tables) as plain:
        assert plain.scalars(select(Document.title)).all() == []
        # Used once, the setting is '' and no longer NULL in this connection.
        plain.execute(text("SELECT set_config('app.current_tenant_id', :id, true)"), {"id": str(A)})
        assert plain.scalars(select(Document.title)).all() == ["a"]
        plain.rollback()
        assert plain.scalar(text("SELECT current_setting('app.current_tenant_id', true)")) == ""
        assert plain.scalars(select(Document.title)).all() == []
    [(seen,)] = postgres_server.execute("SELECT count(*) FROM document", tables.url.database)
    assert seen == 1, "a superuser bypasses the policy, which is why tests use a plain role"


@pytest.mark.parametrize("mistake", ["no NULLIF", "no FORCE"])
def test_the_naive_policies_fail(mistake: str, tables: Engine) -> None:
    with tables.begin() as connection:
        connection.execute(text("CREATE TABLE naive (tenant_id uuid)"))
        connection.execute(text("ALTER TABLE naive ENABLE ROW LEVEL SECURITY"))
        if mistake == "no NULLIF":
            connection.execute(text("ALTER TABLE naive FORCE ROW LEVEL SECURITY"))
        connection.execute(
            text("CREATE POLICY p ON naive USING (tenant_id = current_setting('app.current_tenant_id', true)::uuid)")
        )
        connection.execute(text("SELECT set_config('app.current_tenant_id', '', true)"))
        if mistake == "no FORCE":
            connection.execute(text("INSERT INTO naive VALUES (gen_random_uuid())"))
            assert connection.scalar(text("SELECT count(*) FROM naive")) == 1
        else:
            connection.execute(text("INSERT INTO naive SELECT NULL WHERE false"))
            with connection.begin_nested() as savepoint:
                with pytest.raises(DBAPIError, match="invalid input syntax for type uuid"):
                    connection.execute(text("INSERT INTO naive VALUES (gen_random_uuid())"))
                savepoint.rollback()


def test_the_policy_can_be_taken_away_again(tables: Engine) -> None:
    disable_row_security(Operations(tables), "document")
    with tables.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM pg_policies")) == 0
        row = connection.execute(
            text("SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE relname = 'document'")
        ).one()
        assert tuple(row) == (False, False)


def test_names_are_quoted_and_types_are_checked(outside: Engine) -> None:
    with outside.begin() as connection:
        connection.execute(text('CREATE SCHEMA "odd schema"'))
        connection.execute(text('CREATE TABLE "odd schema"."odd ""table" ("own er" integer)'))
    operations: Any = Operations(outside)
    enable_row_security(operations, 'odd "table', schema="odd schema", column="own er", column_type="integer")
    disable_row_security(operations, 'odd "table', schema="odd schema")
    with pytest.raises(TenantError, match="is not the name of a type"):
        enable_row_security(operations, "document", column_type="uuid); DROP TABLE document; --")


def test_a_session_on_a_connection_of_a_test_knows_its_tenant_too(database: Database) -> None:
    """The usual fixture: everything inside one outer transaction, which is rolled back at the end."""
    with database.sync_engine.connect() as connection, connection.begin() as outer:
        for tenant in (A, B):
            session = database.sync_sessions(bind=connection, join_transaction_mode="create_savepoint", tenant=tenant)
            session.add(Document(tenant_id=tenant, title=str(tenant)))
            session.commit()
            assert session.scalars(select(Document.title)).all() == [str(tenant)]
            session.close()
        outer.rollback()


async def test_a_transaction_that_failed_leaves_no_tenant_behind(database: Database) -> None:
    with pytest.raises(ProgrammingError):
        async with database.session(tenant=A) as session:
            await session.execute(text("SELECT * FROM missing"))
    async with database.session(tenant=B) as session:
        assert await titles(session) == []
