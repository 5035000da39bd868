"""A `Database` around an engine of the application: the same engine, and an async one that is like it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import pytest
from sqlalchemy import JSON, URL, Engine, NullPool, create_engine, event, literal, select, text
from sqlalchemy.orm import Session

from alchemove import Database, LegacyDatabase


@pytest.fixture
def engine(postgres_url: URL) -> Iterator[Engine]:
    made = create_engine(
        postgres_url.set(drivername="postgresql+psycopg2"),
        pool_size=2,
        max_overflow=1,
        pool_timeout=7,
        pool_recycle=99,
        isolation_level="REPEATABLE READ",
        json_serializer=lambda value: json.dumps(value, sort_keys=True),
    )
    yield made
    made.dispose()


def test_sync_sessions_use_the_very_engine_with_its_listeners(engine: Engine) -> None:
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *arguments: statements.append(arguments[2]))
    database = Database.from_engine(engine)
    assert database.sync_engine is engine
    with database.sync_session() as session:
        session.execute(text("SELECT 1"))
    assert statements == ["SELECT 1"]


def test_the_async_engine_has_the_limits_of_the_engine(engine: Engine) -> None:
    settings = Database.from_engine(engine).settings
    assert (settings.pool_size, settings.max_overflow, settings.pool_timeout, settings.pool_recycle) == (2, 1, 7, 99)
    assert settings.pool_pre_ping is False
    assert settings.echo is False


async def _asked(database: Database) -> tuple[str, str]:
    async with database.session() as session:
        level = await session.scalar(text("SHOW transaction_isolation"))
        value = await session.scalar(select(literal({"b": 1, "a": 2}, JSON).cast(JSON)))
        assert value == {"b": 1, "a": 2}
        sent = await session.scalar(text("SELECT cast(:value AS json)::text").bindparams(value='{"a": 2}'))
    await database.dispose()
    return str(level), str(sent)


def test_the_async_engine_has_the_isolation_level_and_json_functions(engine: Engine) -> None:
    database = Database.from_engine(engine)
    assert asyncio.run(_asked(database))[0] == "repeatable read"
    serializer = database.async_engine.dialect._json_serializer  # type: ignore[attr-defined]
    assert serializer({"b": 1, "a": 2}) == '{"a": 2, "b": 1}'


def test_options_for_the_async_engine_win(engine: Engine) -> None:
    database = Database.from_engine(engine, async_options={"isolation_level": "SERIALIZABLE"})
    assert asyncio.run(_asked(database))[0] == "serializable"


def test_an_engine_without_a_pool_stays_one(postgres_url: URL) -> None:
    database = Database.from_engine(create_engine(postgres_url, poolclass=NullPool))
    assert isinstance(database.async_engine.pool, NullPool)


def test_a_pool_without_a_limit_has_none(postgres_url: URL) -> None:
    database = Database.from_engine(create_engine(postgres_url, pool_size=0))
    assert database.settings.limit is None


def test_a_function_that_makes_the_engine_is_called_on_first_use_and_once() -> None:
    calls: list[Engine] = []

    def make() -> Engine:
        calls.append(create_engine("sqlite://"))
        return calls[-1]

    database = Database.from_engine(make)
    assert "from_engine" in repr(database)
    assert not calls
    with database.sync_session() as session:
        assert session.scalar(text("SELECT 1")) == 1
    assert database.sync_engine is calls[0]
    assert repr(database) == "Database('sqlite://')"
    assert len(calls) == 1


class OwnSession(Session):
    def hello(self) -> str:
        return "hello"


def test_sessions_have_the_options_of_the_old_factory(engine: Engine) -> None:
    options = {"autoflush": False, "expire_on_commit": False, "class_": OwnSession}
    database = Database.from_engine(engine, session_options=options)
    with database.sync_session() as session:
        assert (session.autoflush, session.expire_on_commit) == (False, False)
        assert isinstance(session, OwnSession)
        assert session.hello() == "hello"
    with pytest.raises(Exception, match="close"):
        session.execute(text("SELECT 1"))

    async def asked() -> tuple[bool, bool]:
        async with database.session() as session:
            sync = session.sync_session
            return sync.autoflush, isinstance(sync, OwnSession)

    assert asyncio.run(asked()) == (False, True)


def test_async_sessions_do_not_expire_on_commit_whatever_the_old_factory_did(engine: Engine) -> None:
    database = Database.from_engine(engine, session_options={"expire_on_commit": True})
    assert database.async_sessions.kw["expire_on_commit"] is False


def test_a_database_that_only_sync_drivers_know_works_for_sync_code() -> None:
    engine = create_engine("sqlite://")
    engine.url = engine.url.set(drivername="sqlite+other")  # such as SQLCipher's
    with Database.from_engine(engine).sync_session() as session:
        assert session.scalar(text("SELECT 1")) == 1


def test_the_shim_knows_its_names_by_those_of_the_old_module(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys
    from types import ModuleType

    module = ModuleType("old_module")
    monkeypatch.setitem(sys.modules, "old_module", module)
    legacy = LegacyDatabase(Database.from_engine(engine), autoflush=False)
    legacy.export(
        "old_module",
        db_engine=("engine", "new.engine"),
        MakeSession=("SessionLocal", "new.get_sync_session"),
        get_database=("get_db", "new.get_session"),
    )
    with pytest.warns(DeprecationWarning, match=r"old_module\.MakeSession is deprecated: use new\.get_sync_session"):
        assert module.MakeSession().autoflush is False
    with pytest.warns(DeprecationWarning, match="db_engine"):
        assert module.db_engine is engine
    monkeypatch.setattr(module, "MakeSession", lambda: OwnSession(engine), raising=False)
    assert isinstance(next(iter(legacy.get_db())), OwnSession)
    assert isinstance(legacy.SessionLocal(), OwnSession)
