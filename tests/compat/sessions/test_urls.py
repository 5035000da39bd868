"""One DATABASE_URL for both engines, whichever driver it was written for."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from alchemove import urls
from alchemove.database import Database
from alchemove.errors import AlchemoveWarning, UrlError
from alchemove.urls import async_target, sync_target
from tests.postgres import temporary_cluster

POSTGRES = "user:p%40ss%25word@localhost:5433/name"


@pytest.mark.parametrize(
    ("given", "sync", "asynchronous"),
    [
        ("postgres", "postgresql+psycopg2", "postgresql+asyncpg"),
        ("postgresql", "postgresql+psycopg2", "postgresql+asyncpg"),
        ("postgresql+psycopg2", "postgresql+psycopg2", "postgresql+asyncpg"),
        ("postgresql+asyncpg", "postgresql+psycopg2", "postgresql+asyncpg"),
        ("postgresql+psycopg", "postgresql+psycopg", "postgresql+psycopg"),
    ],
)
def test_both_drivers_are_named_and_the_rest_stays(given: str, sync: str, asynchronous: str) -> None:
    url = make_url(f"{given}://{POSTGRES}")
    for target, driver in ((sync_target(url), sync), (async_target(url), asynchronous)):
        assert target.url == url.set(drivername=driver)
        assert target.url.password == "p@ss%word"
        assert target.connect_args == {}


@pytest.mark.parametrize("given", ["sqlite://", "sqlite+aiosqlite://", "sqlite+pysqlite://"])
def test_sqlite_gets_the_driver_that_each_engine_needs(given: str) -> None:
    url = make_url(given + "/file.db")
    assert sync_target(url).url.drivername == "sqlite+pysqlite"
    assert async_target(url).url.drivername == "sqlite+aiosqlite"


@pytest.mark.parametrize("given", ["mysql://localhost/x", "postgresql+zxjdbc://localhost/x", "sqlite+pysqlcipher:///x"])
def test_other_databases_and_drivers_are_an_error(given: str) -> None:
    for translate in (sync_target, async_target):
        with pytest.raises(UrlError, match="which alchemove does not know"):
            translate(make_url(given))


def test_an_engine_that_the_application_has_made_with_pg8000_gets_one_of_asyncpg_beside_it() -> None:
    url = make_url(f"postgresql+pg8000://{POSTGRES}")
    assert async_target(url).url == url.set(drivername="postgresql+asyncpg")
    with pytest.raises(UrlError, match="which alchemove does not know"):
        sync_target(url)


def test_a_missing_driver_is_an_error_with_the_command_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(urls, "find_spec", lambda _: None)
    with pytest.raises(UrlError, match=r"pip install 'alchemove\[asyncpg\]'"):
        async_target(make_url("postgresql://localhost/x"))
    with pytest.raises(UrlError, match=r"pip install 'alchemove\[psycopg2\]'"):
        sync_target(make_url("postgresql://localhost/x"))
    with pytest.raises(UrlError, match=r"pip install 'alchemove\[aiosqlite\]'"):
        async_target(make_url("sqlite://"))


def test_psycopg_serves_both_where_it_is_the_only_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(urls, "find_spec", lambda name: object() if name == "psycopg" else None)
    assert sync_target(make_url("postgresql://localhost/x")).url.drivername == "postgresql+psycopg"
    assert async_target(make_url("postgresql://localhost/x")).url.drivername == "postgresql+psycopg"


def test_without_a_named_driver_sqlalchemy_21_takes_another_one_than_20() -> None:
    taken = create_engine("postgresql://localhost/x").dialect.driver
    assert taken == ("psycopg2" if sqlalchemy.__version__.startswith("2.0.") else "psycopg")
    assert sync_target(make_url("postgresql://localhost/x")).url.get_driver_name() == "psycopg2"


LIBPQ = (
    "sslmode=prefer&connect_timeout=7&application_name=shop&options=-c%20statement_timeout%3D5432&client_encoding=utf8"
)
ASYNCPG = "ssl=prefer&timeout=6.5&command_timeout=30&prepared_statement_cache_size=50&statement_cache_size=60"


def test_the_parameters_of_libpq_become_those_of_asyncpg() -> None:
    target = async_target(make_url(f"postgresql://localhost/x?{LIBPQ}&sslrootcert=%2Fca.pem&channel_binding=prefer"))
    assert dict(target.url.query) == {}
    assert target.connect_args == {
        "timeout": 7.0,
        "server_settings": {"application_name": "shop", "options": "-c statement_timeout=5432"},
        "dsn": "postgresql://?sslmode=prefer&sslrootcert=%2Fca.pem",
    }


def test_the_parameters_of_asyncpg_become_those_of_libpq() -> None:
    url = make_url(f"postgresql+asyncpg://localhost/x?{ASYNCPG}")
    with pytest.warns(AlchemoveWarning, match="command_timeout, for which psycopg2 has no counterpart"):
        target = sync_target(url)
    assert dict(target.url.query) == {"sslmode": "prefer", "connect_timeout": "7"}
    assert async_target(url).connect_args == {
        "dsn": "postgresql://?sslmode=prefer",
        "timeout": 6.5,
        "command_timeout": 30.0,
        "prepared_statement_cache_size": 50,
        "statement_cache_size": 60,
    }


@pytest.mark.parametrize("word", ["true", "1", "require"])
def test_ssl_written_as_a_truth_value_means_require(word: str) -> None:
    url = make_url(f"postgresql://localhost/x?ssl={word}")
    assert sync_target(url).url.query["sslmode"] == "require"
    assert async_target(url).connect_args["dsn"] == "postgresql://?sslmode=require"


def test_a_demand_for_security_is_never_dropped() -> None:
    with pytest.raises(UrlError, match=r"demands channel_binding=require, which asyncpg cannot honour"):
        async_target(make_url("postgresql://localhost/x?sslmode=require&channel_binding=require"))
    kept = async_target(make_url("postgresql+psycopg://localhost/x?channel_binding=require"))
    assert kept.url.query["channel_binding"] == "require"


def test_what_has_no_counterpart_is_said_and_what_nobody_knows_is_an_error() -> None:
    with pytest.warns(AlchemoveWarning, match="keepalives_idle, for which asyncpg has no counterpart"):
        async_target(make_url("postgresql://localhost/x?keepalives_idle=30"))
    with pytest.raises(UrlError, match="'sslmod', which asyncpg does not know"):
        async_target(make_url("postgresql://localhost/x?sslmod=require"))
    with pytest.raises(UrlError, match="connect_timeout=soon, which must be a number"):
        async_target(make_url("postgresql://localhost/x?connect_timeout=soon"))
    with pytest.raises(UrlError, match="asyncpg speaks UTF-8 only"):
        async_target(make_url("postgresql://localhost/x?client_encoding=latin1"))


@pytest.mark.parametrize(
    "driver", ["postgres", "postgresql", "postgresql+asyncpg", "postgresql+psycopg2", "postgresql+psycopg"]
)
@pytest.mark.parametrize("query", [LIBPQ, ASYNCPG])
async def test_both_engines_connect_with_the_parameters_of_either_driver(
    driver: str, query: str, database_url: str
) -> None:
    database = Database(f"{driver}://{database_url.partition('://')[2]}?{query}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", AlchemoveWarning)
            async with database.session() as session:
                found = [
                    await session.scalar(text(f"SHOW {name}")) for name in ("application_name", "statement_timeout")
                ]
            with database.sync_session() as sync:
                same = [sync.scalar(text(f"SHOW {name}")) for name in ("application_name", "statement_timeout")]
        assert found == same
        assert found == (["shop", "5432ms"] if query is LIBPQ else [found[0], "0"])
    finally:
        await database.dispose()


async def test_the_naive_translation_fails_in_both_directions(database_url: str) -> None:
    """Stripping or adding ``+asyncpg`` is not enough."""
    rest = database_url.partition("://")[2]
    engine = create_async_engine(f"postgresql+asyncpg://{rest}?sslmode=prefer")
    with pytest.raises(TypeError, match="sslmode"):
        async with engine.connect():
            pass
    with pytest.raises(Exception, match='invalid connection option "ssl"'):
        create_engine(f"postgresql+psycopg2://{rest}?ssl=prefer").connect()
    with pytest.raises(Exception, match="postgres"):
        create_engine(f"postgres://{rest}")


async def test_a_server_without_ssl_is_refused_when_the_url_demands_ssl(database_url: str) -> None:
    database = Database(f"{database_url}?sslmode=require")
    with pytest.raises(Exception, match="SSL"):
        async with database.session() as session:
            await session.execute(text("SELECT 1"))
    with pytest.raises(Exception, match="SSL"), database.sync_session() as sync:
        sync.execute(text("SELECT 1"))


async def test_a_unix_socket_is_reached_by_both_engines() -> None:
    with temporary_cluster(unix_socket_directories="'/tmp'", listen_addresses="''") as cluster:
        database = Database(f"postgresql://postgres@/postgres?host=/tmp&port={cluster.port}")
        async with database.session() as session:
            assert await session.scalar(text("SELECT inet_client_addr()")) is None
        with database.sync_session() as sync:
            assert sync.scalar(text("SELECT inet_client_addr()")) is None
        await database.dispose()


async def test_a_session_in_memory_takes_no_pool_arguments() -> None:
    """`create_async_engine("sqlite+aiosqlite://", max_overflow=20)` raises; the settings have one."""
    with pytest.raises(TypeError, match="max_overflow"):
        create_async_engine("sqlite+aiosqlite://", max_overflow=20)
    database = Database("sqlite+aiosqlite://")
    async with database.session() as session:
        assert await session.scalar(text("SELECT 1")) == 1
    await database.dispose()


def test_a_sync_application_needs_neither_greenlet_nor_asyncpg_nor_fastapi(tmp_path: Path) -> None:
    """greenlet comes only with ``sqlalchemy[asyncio]`` from 2.1 on."""
    program = """
import sys
for name in ("greenlet", "asyncpg", "fastapi", "aiosqlite", "pydantic_settings", "alembic"):
    sys.modules[name] = None
import alchemove
from alchemove import *
from sqlalchemy import text
database = alchemove.Database("sqlite://")
with database.sync_session() as session:
    assert session.scalar(text("SELECT 1")) == 1
database.close_all_connections()
"""
    root = Path(__file__).resolve().parents[3]
    environment = {**os.environ, "PYTHONPATH": str(root / "compat")}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_engines_of_a_database_stay_the_same(make_database: Callable[..., Database]) -> None:
    database = make_database()
    assert database.sync_engine is database.sync_engine
    assert database.async_engine is database.async_engine
