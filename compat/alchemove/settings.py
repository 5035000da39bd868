"""The settings of a database, from the environment or from an application's own settings object."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from importlib.util import find_spec
from threading import TIMEOUT_MAX
from typing import Any, Literal

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from alchemove.errors import SettingsError

EXAMPLE = "postgresql://user:password@localhost:5432/name"
_TRUE = frozenset({"1", "true", "yes", "on", "t", "y"})
_FALSE = frozenset({"0", "false", "no", "off", "f", "n"})

Echo = bool | Literal["debug"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a `Database` is made from.

    Each field is read from the environment variable named below by `from_env`.

    Args:
        url: ``DATABASE_URL``: ``postgres://``, ``postgresql://`` (with ``+asyncpg``, ``+psycopg2`` or ``+psycopg``),
            ``sqlite://`` or ``sqlite+aiosqlite://``, as text or as a SQLAlchemy URL.
        pool_size: ``DB_POOL_SIZE``: connections that a pool keeps.
        max_overflow: ``DB_MAX_OVERFLOW``: connections above that; ``-1`` means no limit. The async engine keeps
            ``pool_size + max_overflow`` connections and opens none above.
        pool_timeout: ``DB_POOL_TIMEOUT``: seconds to wait for a free connection.
        pool_recycle: ``DB_POOL_RECYCLE``: seconds after which a connection is replaced; ``-1`` means never.
        pool_pre_ping: ``DB_POOL_PRE_PING``: test a connection before each use.
        echo: ``DB_ECHO``: log statements; ``"debug"`` logs rows too.
        pgbouncer: ``DB_PGBOUNCER``: the server is a PgBouncer in transaction mode. ``?pgbouncer=true`` in the URL
            says the same.

    Raises:
        SettingsError: a value cannot work.
    """

    url: URL
    pool_size: int = 10
    max_overflow: int = 20
    pool_timeout: float = 30.0
    pool_recycle: int = 1800
    pool_pre_ping: bool = True
    echo: Echo = False
    pgbouncer: bool = False

    def __post_init__(self) -> None:
        url = parse_url(self.url)
        declared = url.query.get("pgbouncer")
        if isinstance(declared, str):
            object.__setattr__(self, "pgbouncer", self.pgbouncer or _boolean("pgbouncer in DATABASE_URL", declared))
        object.__setattr__(self, "url", _with_credentials(url.difference_update_query(["pgbouncer"])))
        for variable, whole, least in (("DB_POOL_SIZE", self.pool_size, 1), ("DB_MAX_OVERFLOW", self.max_overflow, -1)):
            if type(whole) is not int:
                raise SettingsError(f"{variable} must be a whole number, and is {whole!r}.")
            _at_least(variable, whole, least)
        for variable, seconds, least in (
            ("DB_POOL_TIMEOUT", self.pool_timeout, 0),
            ("DB_POOL_RECYCLE", self.pool_recycle, -1),
        ):
            if not isinstance(seconds, int | float) or seconds > TIMEOUT_MAX:
                raise SettingsError(f"{variable} must be a number of seconds, and is {seconds!r}.")
            _at_least(variable, seconds, least)

    def __repr__(self) -> str:
        values = ", ".join(f"{field.name}={getattr(self, field.name)!r}" for field in fields(self)[1:])
        return f"Settings(url={shown(self.url)!r}, {values})"

    @property
    def limit(self) -> int | None:
        """The most connections that one engine opens; ``None`` without a limit."""
        return None if self.max_overflow == -1 else self.pool_size + self.max_overflow

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read the settings from the environment.

        Where pydantic-settings is installed it does the reading, so that a ``.env`` file in the working directory
        counts as it does for the rest of the application. The rules for values are the same with and without it.

        Args:
            environ: what to read instead of the environment.

        Raises:
            SettingsError: ``DATABASE_URL`` is missing, or a value cannot work.
        """
        return cls._of_text(_read() if environ is None else environ)

    @classmethod
    def from_object(cls, settings: object) -> Settings:
        """Read the settings from an application's own settings object.

        Attributes are looked up as ``DATABASE_URL`` and as ``database_url``; values may be text, numbers, a pydantic
        ``PostgresDsn`` or a ``SecretStr``. Absent and ``None`` attributes keep their defaults.

        Raises:
            SettingsError: there is no ``DATABASE_URL``, or a value cannot work.
        """
        found: dict[str, str] = {}
        for variable in _VARIABLES:
            value: Any = getattr(settings, variable, getattr(settings, variable.lower(), None))
            if value is None:
                continue
            if isinstance(value, URL):
                value = value.render_as_string(hide_password=False)
            found[variable] = str(value.get_secret_value() if hasattr(value, "get_secret_value") else value)
        return cls._of_text(found)

    @classmethod
    def _of_text(cls, texts: Mapping[str, str]) -> Settings:
        # docker compose passes an unset variable as an empty one.
        given = {name: texts[name].strip() for name in _VARIABLES if (texts.get(name) or "").strip()}
        if "DATABASE_URL" not in given:
            raise SettingsError(f"DATABASE_URL is not set. Set it to the URL of the database, such as {EXAMPLE}")
        values: dict[str, Any] = {
            name: _VARIABLES[variable](variable, text)
            for variable, text in given.items()
            for name in [_FIELDS[variable]]
        }
        return cls(**values)


def parse_url(url: str | URL) -> URL:
    """The URL as SQLAlchemy reads it.

    Raises:
        SettingsError: it cannot be read; the message does not repeat it, because it holds the password.
    """
    try:
        return make_url(url.strip() if isinstance(url, str) else url)
    except (ArgumentError, ValueError):
        # Without the cause: it quotes the part of the URL that holds the password.
        raise SettingsError(
            f"DATABASE_URL cannot be read as a URL. It must look like {EXAMPLE}; characters such as @ : / % # in the "
            "password are written percent-encoded (urllib.parse.quote_plus does that)."
        ) from None


def shown(url: URL) -> str:
    """The URL without its secrets, for people."""
    hidden = url.update_query_dict({"sslpassword": "***"}) if "sslpassword" in url.query else url
    return hidden.render_as_string(hide_password=True)


def _with_credentials(url: URL) -> URL:
    """User, password and database as parts of the URL, where libpq also reads them in the query.

    asyncpg takes none of them there, and SQLAlchemy hides a password only where a password belongs.
    """
    for name, part in (("user", "username"), ("password", "password"), ("dbname", "database")):
        given = url.query.get(name)
        if given is not None and url.get_backend_name() != "sqlite":
            # As libpq has it, the query counts, and in the query what comes last.
            value = given if isinstance(given, str) else given[-1]
            named: dict[str, Any] = {part: value}
            url = url.difference_update_query([name]).set(**named)
    return url


def _read() -> dict[str, str]:
    if find_spec("pydantic_settings") is None:
        return dict(os.environ)
    from pydantic_settings import BaseSettings, DotEnvSettingsSource, EnvSettingsSource

    # Only the reading is pydantic's: its validation errors quote the values, DATABASE_URL among them.
    file = DotEnvSettingsSource(BaseSettings, env_file=".env", env_file_encoding="utf-8", case_sensitive=False)
    environment = EnvSettingsSource(BaseSettings, case_sensitive=False)
    merged = {**file.env_vars, **environment.env_vars}
    return {name: merged.get(name.lower()) or "" for name in _VARIABLES}


def _whole(variable: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise SettingsError(f"{variable} must be a whole number, and is {text!r}.") from None


def _number(variable: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise SettingsError(f"{variable} must be a number of seconds, and is {text!r}.") from None


def _boolean(variable: str, text: str) -> bool:
    lowered = text.lower()
    if lowered in _TRUE:
        return True
    if lowered in _FALSE:
        return False
    raise SettingsError(f"{variable} must be true or false, and is {text!r}.")


def _echo(variable: str, text: str) -> Echo:
    return "debug" if text.lower() == "debug" else _boolean(variable, text)


def _at_least(variable: str, value: float, least: int) -> None:
    # NaN compares as false either way.
    if not value >= least:
        unlimited = (
            " A pool without a limit exhausts the server's max_connections." if variable == "DB_POOL_SIZE" else ""
        )
        raise SettingsError(f"{variable} must be at least {least}, and is {value!r}.{unlimited}")


_VARIABLES: dict[str, Callable[[str, str], object]] = {
    "DATABASE_URL": lambda _, text: parse_url(text),
    "DB_POOL_SIZE": _whole,
    "DB_MAX_OVERFLOW": _whole,
    "DB_POOL_TIMEOUT": _number,
    "DB_POOL_RECYCLE": _whole,
    "DB_POOL_PRE_PING": _boolean,
    "DB_ECHO": _echo,
    "DB_PGBOUNCER": _boolean,
}
_FIELDS: dict[str, str] = dict(zip(_VARIABLES, (field.name for field in fields(Settings)), strict=True))
