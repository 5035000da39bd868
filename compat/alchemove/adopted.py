"""A `Database` around the sync engine that an application has made itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.pool import NullPool, QueuePool

from alchemove.database import Database
from alchemove.errors import TenantError
from alchemove.sessions import remember_failures
from alchemove.settings import Settings
from alchemove.urls import is_sqlite


class AdoptedDatabase(Database):
    """What `Database.from_engine` returns.

    Args:
        engine: the engine, or what returns it: called on first use.
        tenants: as for `Database`.
        pgbouncer: as for `Database`.
        async_options: more options for `create_async_engine`; they win over those of the engine.
        session_options: as for `Database`.
    """

    def __init__(
        self,
        engine: Engine | Callable[[], Engine],
        *,
        tenants: bool = False,
        pgbouncer: bool = False,
        async_options: Mapping[str, Any] | None = None,
        session_options: Mapping[str, Any] | None = None,
    ) -> None:
        self._settings = None
        self._engine = engine
        self._pgbouncer = pgbouncer
        self._prepare(tenants, async_options, session_options)

    def __repr__(self) -> str:
        if self._sync_engine is None and not isinstance(self._engine, Engine):
            return f"Database.from_engine({self._engine!r})"
        return super().__repr__()

    @property
    def settings(self) -> Settings:
        """The settings that say the same as the options of the engine."""
        if self._settings is None:
            self._settings = settings_of(self.sync_engine, pgbouncer=self._pgbouncer)
        return self._settings

    @property
    def sync_engine(self) -> Engine:
        """The engine of the application."""
        if self._sync_engine is None:
            with self._lock:
                if self._sync_engine is None:
                    engine = self._engine if isinstance(self._engine, Engine) else self._engine()
                    if self.tenants and is_sqlite(engine.url):
                        raise TenantError("SQLite has no row-level security, so tenants=True would protect nothing.")
                    remember_failures(engine)
                    self._sync_engine = engine
        return self._sync_engine

    def _async_defaults(self) -> dict[str, Any]:
        return options_of(self.sync_engine)

    def _forget(self) -> None:
        # The connection of a database in memory is the database.
        if self._sync_engine is None or isinstance(self._sync_engine.pool, (QueuePool, NullPool)):
            super()._forget()


def settings_of(engine: Engine, *, pgbouncer: bool = False) -> Settings:
    """The settings with the URL and the limits of an engine.

    Args:
        engine: an engine of any kind; of a pool that is no queue only the URL counts.
        pgbouncer: as in the settings.
    """
    pool = engine.pool
    # No public names: SQLAlchemy's own Pool.recreate() reads the same ones.
    found: dict[str, Any] = {"pool_recycle": pool._recycle, "pool_pre_ping": pool._pre_ping}
    if isinstance(pool, QueuePool):
        size = pool.size()
        # A size of 0 means no limit.
        found |= {"pool_size": size or 1, "max_overflow": pool._max_overflow if size else -1}
        found["pool_timeout"] = pool._timeout
    echo: Any = engine.echo
    return Settings(url=engine.url, echo=echo or False, pgbouncer=pgbouncer, **found)


def options_of(engine: Engine) -> dict[str, Any]:
    """Those options of an engine that are no settings and mean the same for an async one, for `create_async_engine`."""
    dialect: Any = engine.dialect
    options: dict[str, Any] = {
        "json_serializer": getattr(dialect, "_json_serializer", None),
        "json_deserializer": getattr(dialect, "_json_deserializer", None),
        "isolation_level": getattr(dialect, "_on_connect_isolation_level", None),
        "execution_options": dict(engine.get_execution_options()) or None,
        "poolclass": NullPool if isinstance(engine.pool, NullPool) else None,
        "hide_parameters": engine.hide_parameters or None,
    }
    return {name: value for name, value in options.items() if value is not None}
