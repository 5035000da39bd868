"""One DATABASE_URL for two engines: which driver each uses, and the same parameters in each driver's words.

psycopg2 and psycopg read libpq's parameters (``sslmode``, ``connect_timeout``, ``application_name``, ``options``,
...); asyncpg rejects all of these as keyword arguments and has ``ssl``, ``timeout`` and ``server_settings`` instead.
Drivers are always named: SQLAlchemy 2.0 takes ``postgresql://`` for psycopg2 and 2.1 takes it for psycopg 3.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import URL

from alchemove.errors import AlchemoveWarning, UrlError

_POSTGRES = frozenset({"postgres", "postgresql"})
# Read by SQLAlchemy itself, whatever the driver.
_SQLALCHEMY = frozenset({"host", "port"})
# What asyncpg reads from a DSN as libpq does, so that certificates and fallbacks are its business and not ours.
_ASYNCPG_DSN = frozenset(
    {
        "gsslib",
        "krbsrvname",
        "passfile",
        "service",
        "sslcert",
        "sslcrl",
        "sslkey",
        "sslmode",
        "sslnegotiation",
        "sslpassword",
        "sslrootcert",
        "target_session_attrs",
    }
)
_ASYNCPG_ONLY: dict[str, Callable[[str], Any]] = {
    "command_timeout": float,
    "max_cacheable_statement_size": int,
    "max_cached_statement_lifetime": int,
    "prepared_statement_cache_size": int,
    "statement_cache_size": int,
}
# asyncpg lacks these; a connection without them is as good, or is found dead a little later.
_TUNING = frozenset(
    {
        "fallback_application_name",
        "gssdelegation",
        "keepalives",
        "keepalives_count",
        "keepalives_idle",
        "keepalives_interval",
        "load_balance_hosts",
        "sslcompression",
        "sslsni",
        "tcp_user_timeout",
    }
)
# asyncpg lacks these too; to ignore a demand for security is no translation.
_SECURITY: dict[str, frozenset[str]] = {
    "channel_binding": frozenset({"prefer", "disable"}),
    "gssencmode": frozenset({"prefer", "disable"}),
    "requirepeer": frozenset({""}),
    "require_auth": frozenset({""}),
}
_SSL_WORDS = {"true": "require", "on": "require", "1": "require", "false": "disable", "off": "disable", "0": "disable"}


@dataclass(frozen=True, slots=True)
class Target:
    """What ``create_engine`` and ``create_async_engine`` are called with."""

    url: URL
    connect_args: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def memory(self) -> bool:
        """Whether this is a SQLite database that lives as long as one connection."""
        return is_sqlite(self.url) and (
            self.url.database in (None, "", ":memory:") or self.url.query.get("mode") == "memory"
        )


def is_sqlite(url: URL) -> bool:
    """Whether the URL names a SQLite database."""
    return url.get_backend_name() == "sqlite"


def sync_target(url: URL) -> Target:
    """The URL for the sync engine.

    The driver that the URL names is used where it is a sync one; otherwise psycopg2, or psycopg where only that is
    installed.

    Raises:
        UrlError: the database is unknown, the driver is not installed, or a parameter cannot be honoured.
    """
    backend, driver = _split(url)
    if backend == "sqlite":
        return Target(url.set(drivername="sqlite+pysqlite"))
    chosen: str
    match driver:
        case "psycopg2" | "psycopg":
            chosen = driver
        case "" | "asyncpg" | "psycopg_async":
            chosen = _first_installed("sync", "psycopg2", "psycopg", extra="psycopg2")
        case _:
            raise _unknown(url)
    _require(chosen)
    return _for_libpq(url.set(drivername=f"postgresql+{chosen}"), chosen)


def async_target(url: URL) -> Target:
    """The URL for the async engine.

    ``+psycopg`` stays psycopg, which has both; everything else uses asyncpg, or psycopg where only that is installed: also what
    an application has made with ``+pg8000``, a driver without an async side.

    Raises:
        UrlError: the database is unknown, the driver is not installed, or a parameter cannot be honoured.
    """
    backend, driver = _split(url)
    if backend == "sqlite":
        _require("aiosqlite")
        return Target(url.set(drivername="sqlite+aiosqlite"))
    match driver:
        case "psycopg" | "psycopg_async":
            chosen = "psycopg"
        case "asyncpg":
            chosen = driver
        case "" | "psycopg2" | "pg8000":
            chosen = _first_installed("async", "asyncpg", "psycopg", extra="asyncpg")
        case _:
            raise _unknown(url)
    _require(chosen)
    named = url.set(drivername=f"postgresql+{chosen}")
    return _for_asyncpg(named) if chosen == "asyncpg" else _for_libpq(named, chosen)


def _split(url: URL) -> tuple[str, str]:
    backend, _, driver = url.drivername.partition("+")
    if backend in _POSTGRES:
        return "postgresql", driver
    if backend == "sqlite" and driver in {"", "pysqlite", "aiosqlite"}:
        return "sqlite", driver
    raise _unknown(url)


def _unknown(url: URL) -> UrlError:
    return UrlError(
        f"DATABASE_URL begins with {url.drivername}://, which alchemove does not know. Use postgresql:// "
        "(or postgresql+asyncpg, +psycopg2, +psycopg) or sqlite:// (or sqlite+aiosqlite)."
    )


def _first_installed(kind: str, *drivers: str, extra: str) -> str:
    for driver in drivers:
        if find_spec(driver) is not None:
            return driver
    raise UrlError(
        f"No {kind} driver for PostgreSQL is installed ({' or '.join(drivers)}). Run: pip install 'alchemove[{extra}]'"
    )


def _require(driver: str) -> None:
    if find_spec(driver) is None:
        raise UrlError(
            f"DATABASE_URL needs the driver {driver}, which is not installed. Run: pip install 'alchemove[{driver}]'"
        )


def _texts(url: URL) -> dict[str, str]:
    # A parameter given twice is a tuple; libpq takes the last one.
    return {
        name: value if isinstance(value, str) else value[-1]
        for name, value in url.query.items()
        if name not in _SQLALCHEMY
    }


def _rebuilt(url: URL, query: Mapping[str, str]) -> URL:
    kept = {name: value for name, value in url.query.items() if name in _SQLALCHEMY}
    return url.set(query={**kept, **query})


def _for_libpq(url: URL, driver: str) -> Target:
    query = _texts(url)
    arguments: dict[str, Any] = {}
    if "ssl" in query:
        query.setdefault("sslmode", _ssl_mode(query["ssl"]))
        del query["ssl"]
    if "timeout" in query:
        # libpq counts whole seconds, and takes 1 for 2.
        query.setdefault("connect_timeout", str(math.ceil(_number("timeout", query["timeout"]))))
        del query["timeout"]
    if "command_timeout" in query:
        _ignored("command_timeout", driver, "Set statement_timeout for the role instead.")
    for name in _ASYNCPG_ONLY:
        query.pop(name, None)
    if "sslpassword" in query:
        # Not in the URL, where SQLAlchemy shows it.
        arguments["sslpassword"] = query.pop("sslpassword")
    threshold = query.pop("prepare_threshold", None)
    if threshold is not None and driver == "psycopg":
        arguments["prepare_threshold"] = (
            None if threshold.lower() == "none" else int(_number("prepare_threshold", threshold))
        )
    return Target(_rebuilt(url, query), arguments)


def _for_asyncpg(url: URL) -> Target:
    arguments: dict[str, Any] = {}
    settings: dict[str, str] = {}
    dsn: dict[str, str] = {}
    query = _texts(url)
    fallback = query.get("fallback_application_name")
    for name, value in query.items():
        match name:
            case "ssl":
                dsn.setdefault("sslmode", _ssl_mode(value))
            case "connect_timeout" | "timeout":
                # For libpq zero means: wait for ever.
                arguments["timeout"] = _number(name, value) or None
            case "application_name" | "options":
                # Startup parameters: the server itself reads them, as it does from libpq.
                settings[name] = value
            case "fallback_application_name" if "application_name" not in query and fallback:
                settings["application_name"] = fallback
            case "client_encoding":
                if value.lower().replace("-", "") not in {"utf8", "auto"}:
                    raise UrlError(f"DATABASE_URL has client_encoding={value}; asyncpg speaks UTF-8 only.")
            case "prepare_threshold":
                continue
            case _ if name in _ASYNCPG_DSN:
                dsn[name] = value
            case _ if name in _ASYNCPG_ONLY:
                arguments[name] = _ASYNCPG_ONLY[name](str(_number(name, value)).removesuffix(".0"))
            case _ if name in _SECURITY:
                if value not in _SECURITY[name]:
                    raise UrlError(
                        f"DATABASE_URL demands {name}={value}, which asyncpg cannot honour. "
                        "Use postgresql+psycopg://, which can, or drop the parameter."
                    )
            case _ if name in _TUNING:
                _ignored(name, "asyncpg", "Use postgresql+psycopg:// where it matters.")
            case _:
                raise UrlError(f"DATABASE_URL has the query parameter {name!r}, which asyncpg does not know.")
    if settings:
        arguments["server_settings"] = settings
    if dsn:
        arguments["dsn"] = "postgresql://?" + urlencode(dsn)
    return Target(_rebuilt(url, {}), arguments)


def _ssl_mode(value: str) -> str:
    return _SSL_WORDS.get(value.lower(), value)


def _number(name: str, value: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise UrlError(f"DATABASE_URL has {name}={value}, which must be a number.") from None


def _ignored(name: str, driver: str, advice: str) -> None:
    warnings.warn(
        f"DATABASE_URL has {name}, for which {driver} has no counterpart; it has no effect there. {advice}",
        AlchemoveWarning,
        stacklevel=2,
    )
