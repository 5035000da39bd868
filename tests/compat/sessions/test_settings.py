"""Settings: where they come from, and errors that help without showing the password."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import make_url

from alchemove import settings as module
from alchemove.database import Database
from alchemove.default import default_database, use_database
from alchemove.errors import SettingsError
from alchemove.settings import Settings

URL = "postgresql://user:s3cret@localhost/name"


def test_the_defaults_are_those_of_the_documentation() -> None:
    settings = Settings.from_env({"DATABASE_URL": URL})
    assert (settings.pool_size, settings.max_overflow, settings.pool_timeout) == (10, 20, 30)
    assert (settings.pool_recycle, settings.pool_pre_ping, settings.echo, settings.pgbouncer) == (
        1800,
        True,
        False,
        False,
    )
    assert settings.limit == 30


def test_every_variable_is_read() -> None:
    settings = Settings.from_env(
        {
            "DATABASE_URL": URL,
            "DB_POOL_SIZE": "3",
            "DB_MAX_OVERFLOW": "-1",
            "DB_POOL_TIMEOUT": "1.5",
            "DB_POOL_RECYCLE": "60",
            "DB_POOL_PRE_PING": "no",
            "DB_ECHO": "debug",
            "DB_PGBOUNCER": "1",
        }
    )
    assert (settings.pool_size, settings.max_overflow, settings.pool_timeout) == (3, -1, 1.5)
    assert (settings.pool_recycle, settings.pool_pre_ping, settings.echo, settings.pgbouncer) == (
        60,
        False,
        "debug",
        True,
    )
    assert settings.limit is None


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("DB_POOL_SIZE", "ten", "DB_POOL_SIZE must be a whole number, and is 'ten'."),
        ("DB_POOL_SIZE", "0", "DB_POOL_SIZE must be at least 1, and is 0. A pool without a limit"),
        ("DB_MAX_OVERFLOW", "-2", "DB_MAX_OVERFLOW must be at least -1"),
        ("DB_POOL_TIMEOUT", "soon", "DB_POOL_TIMEOUT must be a number of seconds"),
        ("DB_POOL_TIMEOUT", "nan", "DB_POOL_TIMEOUT must be at least 0"),
        ("DB_POOL_RECYCLE", "1.5", "DB_POOL_RECYCLE must be a whole number"),
        ("DB_POOL_PRE_PING", "maybe", "DB_POOL_PRE_PING must be true or false, and is 'maybe'."),
        ("DB_ECHO", "loud", "DB_ECHO must be true or false"),
        ("DB_PGBOUNCER", "x", "DB_PGBOUNCER must be true or false"),
        ("DATABASE_URL", "", "DATABASE_URL is not set"),
        ("DATABASE_URL", "user:s3cret@localhost", "DATABASE_URL cannot be read as a URL"),
        ("DATABASE_URL", "postgresql://user:s3cret/x@localhost:port/name", "DATABASE_URL cannot be read as a URL"),
        ("DATABASE_URL", "postgresql://user:s3cret@localhost:s3cret/name", "DATABASE_URL cannot be read as a URL"),
    ],
)
def test_a_wrong_value_is_an_error_that_names_the_variable(variable: str, value: str, message: str) -> None:
    with pytest.raises(SettingsError) as raised:
        Settings.from_env({"DATABASE_URL": URL, variable: value})
    assert str(raised.value).startswith(message)
    assert "s3cret" not in str(raised.value)
    # Nor in the causes that a traceback prints.
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__ or raised.value.__context__ is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("pool_size", "10"),
        ("pool_size", None),
        ("pool_size", 1.5),
        ("max_overflow", True),
        ("pool_recycle", "x"),
        ("pool_timeout", "30"),
        ("pool_timeout", float("inf")),
    ],
)
def test_a_value_of_another_type_is_an_error_before_anything_connects(name: str, value: Any) -> None:
    with pytest.raises(SettingsError, match=f"^DB_{name.upper()} must be a"):
        Settings(url=make_url(URL), **{name: value})


def test_user_password_and_database_in_the_query_are_what_libpq_takes_them_for() -> None:
    url = Settings(url=make_url("postgresql://old:old@host/old?user=u&password=p&dbname=d&sslmode=require")).url
    assert url.render_as_string(hide_password=False) == "postgresql://u:p@host/d?sslmode=require"


def test_a_missing_url_is_an_error_with_an_example() -> None:
    with pytest.raises(SettingsError, match=r"DATABASE_URL is not set. .*postgresql://user:password@localhost"):
        Settings.from_env({})


def test_an_empty_variable_counts_as_unset() -> None:
    assert Settings.from_env({"DATABASE_URL": URL, "DB_POOL_SIZE": ""}).pool_size == 10


@pytest.mark.parametrize("installed", [True, False])
def test_the_environment_is_read_with_and_without_pydantic_settings(
    installed: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pytest.importorskip("pydantic_settings")
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text(f"DATABASE_URL={URL}\nDB_POOL_SIZE=4\nDB_MAX_OVERFLOW=5\nOTHER=1\n")
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("DB_POOL_SIZE", "6")
    if installed:
        settings = Settings.from_env()
        assert (settings.pool_size, settings.max_overflow) == (6, 5)
        return
    monkeypatch.setattr(module, "find_spec", lambda _: None)
    with pytest.raises(SettingsError):
        Settings.from_env()
    monkeypatch.setenv("DATABASE_URL", URL)
    assert Settings.from_env().max_overflow == 20


def test_an_applications_own_settings_object_will_do() -> None:
    class Secret:
        def get_secret_value(self) -> str:
            return URL

    for given in (
        SimpleNamespace(DATABASE_URL=URL, DB_POOL_SIZE=7),
        SimpleNamespace(database_url=make_url(URL), db_pool_size="7", DB_ECHO=None),
        SimpleNamespace(DATABASE_URL=Secret(), DB_POOL_SIZE=7, DB_POOL_PRE_PING=True),
    ):
        settings = Settings.from_object(given)
        assert settings.pool_size == 7
        assert settings.url.password == "s3cret"
    pydantic_settings: Any = pytest.importorskip("pydantic_settings")
    pydantic: Any = pytest.importorskip("pydantic")
    typed = type(
        "App",
        (pydantic_settings.BaseSettings,),
        {"__annotations__": {"DATABASE_URL": pydantic.PostgresDsn, "DB_POOL_SIZE": int}},
    )
    assert Settings.from_object(typed(DATABASE_URL=URL, DB_POOL_SIZE=7)).url.password == "s3cret"


def test_nothing_prints_the_password() -> None:
    settings = Settings.from_env({"DATABASE_URL": URL})
    assert "s3cret" not in repr(settings)
    assert "s3cret" not in repr(Database(settings))
    # libpq also reads it in the query, where SQLAlchemy does not hide it.
    in_query = Database("postgresql://localhost/name?user=user&password=s3cret&sslpassword=s3cret")
    assert in_query.settings.url.password == "s3cret"
    for shown in (in_query, in_query.settings, in_query.sync_engine, in_query.async_engine.sync_engine):
        assert "s3cret" not in repr(shown)
    # The pitfall: where the password is needed, str() gives the masked one.
    assert "***" in str(settings.url)


def test_the_url_can_say_that_the_server_is_a_pgbouncer() -> None:
    settings = Settings(url=make_url(f"{URL}?pgbouncer=true&sslmode=require"))
    assert settings.pgbouncer
    assert dict(settings.url.query) == {"sslmode": "require"}


def test_the_default_database_comes_from_the_environment_or_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    use_database(None)
    monkeypatch.setenv("DATABASE_URL", URL)
    try:
        assert default_database() is default_database()
        assert default_database().settings.url.password == "s3cret"
        named = Database(URL)
        use_database(named)
        assert default_database() is named
    finally:
        use_database(None)
