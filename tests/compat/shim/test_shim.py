"""The legacy names in a real FastAPI application, on real PostgreSQL."""

from __future__ import annotations

import inspect
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from types import ModuleType
from typing import Any

import psycopg2.extensions
import pytest
from fastapi import BackgroundTasks, Depends, FastAPI, HTTPException
from fastapi.testclient import TestClient
from sqlalchemy import URL, Engine, create_engine, select, text
from sqlalchemy.exc import IntegrityError, InvalidRequestError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker
from typing_extensions import deprecated

from alchemove import AlchemoveDeprecationWarning, Database, LegacyDatabase


class Base(DeclarativeBase):
    pass


class Item(Base):
    __tablename__ = "item"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    made = Database(database_url)
    Base.metadata.create_all(made.sync_engine)
    yield made
    made.close_all_connections()


@pytest.fixture
def legacy(database: Database) -> LegacyDatabase:
    return LegacyDatabase(database)


@pytest.fixture
def module(legacy: LegacyDatabase) -> Iterator[Any]:
    """A shim module, as an application has it."""
    made = ModuleType("shim_of_this_test")
    sys.modules[made.__name__] = made
    legacy.export(
        made.__name__,
        engine="new.engine",
        SessionLocal="new.get_sync_session",
        Base="new.Base",
        get_db="new.get_session",
        get_session="new.get_session",
        get_db_session="new.get_sync_session",
        get_db_connection="new.get_sync_session",
        models=(Base, "new.models"),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AlchemoveDeprecationWarning)
        yield made
    del sys.modules[made.__name__]


def names(database: Database) -> list[str]:
    with database.sync_engine.connect() as connection:
        return list(connection.scalars(select(Item.name).order_by(Item.id)))


# Legacy endpoints have their dependencies as defaults.
# ruff: noqa: B008, FAST002


def legacy_api(module: Any) -> FastAPI:
    """Endpoints as they were written in 2020."""
    api = FastAPI()
    get_db = module.get_db

    @api.post("/items/{name}")
    def create(name: str, tasks: BackgroundTasks, db: Session = Depends(get_db)) -> dict[str, object]:
        item = Item(name=name)
        db.add(item)
        try:
            db.commit()
        except IntegrityError:
            db.rollback()
            raise HTTPException(409, "exists") from None
        db.refresh(item)
        tasks.add_task(seen.append, item.id)
        return {"id": item.id, "name": item.name, "thread": threading.get_ident() != main_thread}

    @api.post("/forgotten/{name}")
    def forgotten(name: str, db: Session = Depends(get_db)) -> int:
        db.add(Item(name=name))
        db.flush()
        return 1

    @api.get("/items")
    def read(db: Session = Depends(get_db), again: Session = Depends(get_db)) -> list[object]:
        assert db is again
        return [item.name for item in db.query(Item).order_by(Item.id)]

    seen: list[int] = []
    api.state.seen = seen
    main_thread = threading.get_ident()
    return api


def test_legacy_endpoints_commit_by_themselves_in_the_thread_pool(module: Any, database: Database) -> None:
    # Inside a begin() block, commit() followed by refresh() raises InvalidRequestError.
    api = legacy_api(module)
    with TestClient(api) as client:
        assert client.post("/items/a").json() == {"id": 1, "name": "a", "thread": True}
        assert client.post("/items/a").status_code == 409
        assert client.post("/items/b").status_code == 200
        assert client.post("/forgotten/c").status_code == 200
        assert client.get("/items").json() == ["a", "b"]
        assert api.state.seen == [1, 3]
    assert database.sync_engine.pool.checkedout() == 0  # type: ignore[attr-defined]


def test_the_same_endpoints_fail_on_a_get_db_that_opens_a_transaction_block(module: Any, database: Database) -> None:
    def naive() -> Iterator[Session]:
        with Session(database.sync_engine) as session, session.begin():
            yield session

    api = legacy_api(module)
    api.dependency_overrides[module.get_db] = naive
    with TestClient(api) as client, pytest.raises(InvalidRequestError):
        client.post("/items/a")


def test_concurrent_requests_have_a_session_each(module: Any, database: Database) -> None:
    api = legacy_api(module)
    statuses: list[int] = []
    with TestClient(api) as client:
        threads = [
            threading.Thread(target=lambda n=n: statuses.append(client.post(f"/items/{n}").status_code))
            for n in range(40)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert statuses == [200] * 40
    assert len(names(database)) == 40
    assert database.sync_engine.pool.checkedout() == 0  # type: ignore[attr-defined]


def test_get_db_is_what_fastapi_and_tests_know_it_as(module: Any) -> None:
    assert inspect.isgeneratorfunction(module.get_db)
    assert module.get_db is module.get_db
    assert module.get_db.__name__ == "get_db"
    api = legacy_api(module)
    api.dependency_overrides[module.get_db] = lambda: Session(create_engine("sqlite://"))
    with TestClient(api) as client, pytest.raises(OperationalError, match="no such table"):
        client.get("/items")


def test_a_decorated_generator_would_be_no_dependency_with_an_end(module: Any) -> None:
    # @deprecated hides that it is a generator: FastAPI up to 0.121 hands the generator itself to the endpoint.
    def get_db() -> Iterator[int]:
        yield 1

    assert not inspect.isgeneratorfunction(deprecated("use get_session")(get_db))
    assert inspect.isgeneratorfunction(module.get_db)


def test_get_db_works_as_generator_and_context_manager(module: Any, database: Database) -> None:
    generator = module.get_db()
    db = next(generator)
    db.add(Item(name="a"))
    db.commit()
    generator.close()
    with contextmanager(module.get_db)() as db:
        db.add(Item(name="lost"))
        db.flush()
    assert names(database) == ["a"]
    assert database.sync_engine.pool.checkedout() == 0  # type: ignore[attr-defined]


def test_session_local_is_a_sessionmaker_with_the_options_of_the_application(database: Database) -> None:
    legacy = LegacyDatabase(database, autocommit=False, autoflush=False, expire_on_commit=False)
    assert isinstance(legacy.SessionLocal, sessionmaker)
    db = legacy.SessionLocal()
    try:
        db.add(Item(name="a"))
        assert db.query(Item).count() == 0, "autoflush=False decides what a query sees"
        db.commit()
        assert db.query(Item).count() == 1
    finally:
        db.close()
    with legacy.SessionLocal.begin() as db:
        db.add(Item(name="b"))
    db = legacy.SessionLocal()
    db.close()
    assert db.query(Item).count() == 2, "a legacy session can be used after close()"
    db.close()


def test_get_db_session_commits_at_the_end_and_may_commit_before(module: Any, database: Database) -> None:
    with module.get_db_session() as db:
        db.add(Item(name="a"))
        db.commit()
        db.add(Item(name="b"))
    assert names(database) == ["a", "b"]


def test_get_db_session_rolls_back_when_the_block_raises_and_when_the_commit_does(
    module: Any, database: Database
) -> None:
    with pytest.raises(KeyError), module.get_db_session() as db:
        db.add(Item(name="lost"))
        db.flush()
        raise KeyError
    with pytest.raises(IntegrityError), module.get_db_session() as db:
        db.add_all([Item(name="twice"), Item(name="twice")])
    assert names(database) == []
    assert database.sync_engine.pool.checkedout() == 0  # type: ignore[attr-defined]


def test_old_and_new_code_share_one_engine(module: Any, database: Database) -> None:
    assert isinstance(module.engine, Engine)
    assert module.engine is database.sync_engine
    with module.get_db_session() as old, database.sync_session() as new:
        assert old.get_bind() is new.get_bind()


def test_get_db_connection_is_a_psycopg2_connection_of_the_same_pool(module: Any, database: Database) -> None:
    with closing(module.get_db_connection()) as connection:
        assert isinstance(connection, psycopg2.extensions.connection)
        assert database.sync_engine.pool.checkedout() == 1  # type: ignore[attr-defined]
        with connection, connection.cursor() as cursor:
            cursor.execute("INSERT INTO item (name) VALUES (%s)", ("a",))
    assert database.sync_engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    assert names(database) == ["a"]


def test_get_db_connection_joins_a_session_whatever_came_before(module: Any, database: Database) -> None:
    module.engine.dispose()
    with database.sync_session() as session:
        session.add(Item(name="a"))
        session.flush()
        connection = module.get_db_connection(session)
        with connection, connection.cursor() as cursor:
            cursor.execute("UPDATE item SET name = 'b' WHERE name = 'a'")
            assert cursor.rowcount == 1
        connection.close()
    assert names(database) == ["b"]


def test_a_lost_connection_is_reported_at_the_line_of_the_application(module: Any) -> None:
    with pytest.warns(ResourceWarning, match="never closed") as caught:
        module.get_db_connection()
    assert caught[0].filename == __file__


def test_get_session_is_the_generator_of_the_sqlmodel_tutorial(module: Any, database: Database) -> None:
    with contextmanager(module.get_session)() as session:
        session.add(Item(name="a"))
        session.commit()
    assert names(database) == ["a"]


def test_a_sqlmodel_session_class_is_kept(database: Database) -> None:
    sqlmodel = pytest.importorskip("sqlmodel")
    legacy = LegacyDatabase(database, class_=sqlmodel.Session)
    with contextmanager(legacy.get_session)() as session:
        assert session.exec(sqlmodel.select(1)).one() == 1


def test_tests_that_replace_a_name_in_the_module_reach_the_functions_that_look_it_up(
    module: Any, database: Database, postgres_url: URL, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = create_engine(postgres_url)
    monkeypatch.setattr(module, "SessionLocal", sessionmaker(bind=other))
    with contextmanager(module.get_db)() as db:
        assert db.get_bind() is other
    with module.get_db_session() as db:
        assert db.get_bind() is other
    monkeypatch.undo()
    monkeypatch.setattr(module, "engine", other)
    with contextmanager(module.get_session)() as db:
        assert db.get_bind() is other
    other.dispose()


def test_nothing_is_made_before_it_is_used() -> None:
    class Explosive:
        @property
        def sync_engine(self) -> Engine:
            raise AssertionError("made too early")

    name = "shim_before_use"
    sys.modules[name] = ModuleType(name)
    LegacyDatabase(Explosive()).export(name, engine="new", SessionLocal="new", get_db="new", get_db_connection="new")
    with pytest.raises(AssertionError, match="too early"), pytest.warns(AlchemoveDeprecationWarning):
        sys.modules[name].engine  # noqa: B018
    del sys.modules[name]


def test_base_is_one_base_class_for_all_models(module: Any) -> None:
    assert module.Base is module.Base
    assert module.models is Base


def test_a_name_that_is_not_known_needs_what_it_stands_for(legacy: LegacyDatabase) -> None:
    with pytest.raises(ValueError, match=r"'get_database' is none of the legacy names.*Say what it stands for"):
        legacy.export(__name__, get_database="new")


def test_tenants_apply_to_legacy_sessions(postgres_url: URL) -> None:
    from alchemove import tenant_scope

    database = Database(postgres_url, tenants=True)
    legacy = LegacyDatabase(database)
    setting = text("SELECT current_setting('app.current_tenant_id', true)")
    with tenant_scope("7"), contextmanager(legacy.get_db)() as db:
        assert db.scalar(setting) == "7"
        db.commit()
        assert db.scalar(setting) == "7"
    database.close_all_connections()


def test_a_plain_engine_will_do() -> None:
    engine = create_engine("sqlite://")
    legacy = LegacyDatabase(engine)
    assert legacy.engine is engine
    with legacy.get_db_session() as db:
        assert db.scalar(text("SELECT 1")) == 1
    with pytest.raises(RuntimeError, match="psycopg2"):
        legacy.get_db_connection()
