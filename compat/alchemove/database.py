"""One database: its settings, both engines, and sessions that end well."""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
import weakref
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Generator, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import URL, Engine, MetaData
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import Pool

from alchemove import health
from alchemove.engines import make_async_engine, make_sync_engine
from alchemove.errors import TenantError
from alchemove.session_block import SessionBlock, discards, keep, roll_back
from alchemove.sessions import ManagedSession, TenantSession, begin_block, end_block
from alchemove.settings import Settings, parse_url, shown
from alchemove.tenants import Tenant
from alchemove.urls import is_sqlite

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker
    from sqlalchemy.orm import DeclarativeBase

_databases: weakref.WeakSet[Database] = weakref.WeakSet()
# Pools of the parent process, kept for ever: collecting them would end connections that the parent uses.
_of_parent: list[Pool] = []


class Database:
    """A database with a sync and an async engine, each made on first use.

    Args:
        settings: the settings, or only the URL.
        tenants: the database has row-level security: every transaction says whose rows it may see, or that it may see
            none (see `alchemove.tenants`). PostgreSQL only.
        pgbouncer: the server is a PgBouncer in transaction mode; the same as in the settings.
        engine_options: more options for `create_engine` and `create_async_engine`; they win over the settings.
        session_options: what `sessionmaker` takes besides ``bind``, for all sessions: ``{"autoflush": False}``. With
            ``class_`` the sync sessions have that class, too. Async sessions keep ``expire_on_commit=False``.

    Raises:
        SettingsError: a setting cannot work.
        TenantError: tenants on a database without row-level security.
    """

    def __init__(
        self,
        settings: Settings | URL | str,
        *,
        tenants: bool = False,
        pgbouncer: bool = False,
        engine_options: Mapping[str, Any] | None = None,
        session_options: Mapping[str, Any] | None = None,
    ) -> None:
        self._settings: Settings | None
        self._settings = settings if isinstance(settings, Settings) else Settings(url=parse_url(settings))
        if pgbouncer and not self._settings.pgbouncer:
            self._settings = replace(self._settings, pgbouncer=True)
        if tenants and is_sqlite(self._settings.url):
            raise TenantError("SQLite has no row-level security, so tenants=True would protect nothing.")
        self._prepare(tenants, engine_options, session_options)

    def _prepare(
        self, tenants: bool, engine_options: Mapping[str, Any] | None, session_options: Mapping[str, Any] | None
    ) -> None:
        self.tenants = tenants
        self._engine_options = dict(engine_options or {})
        self._sync_options = dict(session_options or {})
        self._class: type[Session] | None = self._sync_options.pop("class_", None)
        self._lock = threading.RLock()
        self._sync_engine: Engine | None = None
        self._async_engine: AsyncEngine | None = None
        self._sync_sessions: sessionmaker[ManagedSession] | None = None
        self._async_sessions: async_sessionmaker[AsyncSession] | None = None
        self._get_session: Callable[..., AsyncGenerator[AsyncSession, None]] | None = None
        _databases.add(self)

    @classmethod
    def from_env(cls, **options: Any) -> Database:
        """A database from the environment (see `Settings.from_env`).

        Args:
            **options: what `Database` takes besides the settings.

        Raises:
            SettingsError: ``DATABASE_URL`` is missing, or a value cannot work.
        """
        return cls(Settings.from_env(), **options)

    @classmethod
    def from_engine(
        cls,
        engine: Engine | Callable[[], Engine],
        *,
        tenants: bool = False,
        pgbouncer: bool = False,
        async_options: Mapping[str, Any] | None = None,
        session_options: Mapping[str, Any] | None = None,
    ) -> Database:
        """A database around a sync engine that the application has made, and goes on to use.

        The engine stays as it is, with its options and listeners. The async engine, made on first use, has the same
        URL, limits, isolation level and JSON functions. What only a driver knows, ``connect_args``, and listeners on
        the sync engine do not reach it.

        Args:
            engine: the engine, or what returns it: called on first use.
            tenants: as for `Database`.
            pgbouncer: as for `Database`.
            async_options: more options for `create_async_engine`; they win.
            session_options: as for `Database`.
        """
        from alchemove.adopted import AdoptedDatabase

        return AdoptedDatabase(
            engine, tenants=tenants, pgbouncer=pgbouncer, async_options=async_options, session_options=session_options
        )

    @property
    def settings(self) -> Settings:
        """What the engines are made from."""
        assert self._settings is not None
        return self._settings

    def __repr__(self) -> str:
        return f"Database({shown(self.settings.url)!r})"

    # Engines

    @property
    def sync_engine(self) -> Engine:
        """The sync engine."""
        if self._sync_engine is None:
            with self._lock:
                if self._sync_engine is None:
                    self._sync_engine = make_sync_engine(self.settings, **self._engine_options)
        return self._sync_engine

    @property
    def async_engine(self) -> AsyncEngine:
        """The async engine; it serves every event loop, each with connections of its own."""
        if self._async_engine is None:
            with self._lock:
                if self._async_engine is None:
                    self._async_engine = make_async_engine(
                        self.settings, **{**self._async_defaults(), **self._engine_options}
                    )
        return self._async_engine

    def _async_defaults(self) -> dict[str, Any]:
        return {}

    # Sessions

    @property
    def sync_sessions(self) -> sessionmaker[ManagedSession]:
        """The factory behind `sync_session`, for code that ends its sessions itself."""
        if self._sync_sessions is None:
            with self._lock:
                self._sync_sessions = sessionmaker(self.sync_engine, class_=self._session_class(), **self._sync_options)
        return self._sync_sessions

    @property
    def async_sessions(self) -> async_sessionmaker[AsyncSession]:
        """The factory behind `session`, for code that ends its sessions itself."""
        if self._async_sessions is None:
            from sqlalchemy.ext.asyncio import async_sessionmaker

            with self._lock:
                options: dict[str, Any] = {**self._sync_options, "expire_on_commit": False}
                self._async_sessions = async_sessionmaker(
                    self.async_engine, sync_session_class=self._session_class(), **options
                )
        return self._async_sessions

    def _session_class(self) -> type[ManagedSession]:
        managed = TenantSession if self.tenants else ManagedSession
        if self._class is None or issubclass(managed, self._class):
            return managed
        combined: Any = type(self._class.__name__, (managed, self._class), {})
        return cast("type[ManagedSession]", combined)

    def _session_options(self, tenant: Tenant | None) -> dict[str, Any]:
        if tenant is None:
            return {}
        if not self.tenants:
            raise TenantError(f"A session for tenant {tenant!r} needs Database(..., tenants=True).")
        return {"tenant": tenant}

    def session(self, *, tenant: Tenant | None = None) -> AbstractAsyncContextManager[AsyncSession]:
        """An async session: commits at the end of the block, rolls back when it raises, closes always.

        ``commit()`` in the middle is allowed and begins a new transaction; ``flush()`` sends what is pending;
        ``begin_nested()`` makes a savepoint for what may fail; after `discard_uncommitted` the end of the block rolls
        back. Two blocks, also one inside the other, are two transactions on two connections. The session raises when it
        is used after its end.

        Args:
            tenant: the tenant of this session; left out, the one of `tenant_scope`.

        Raises:
            SwallowedError: a statement had failed and its exception was swallowed.
            sqlalchemy.exc.TimeoutError: no connection became free in time.
        """
        return SessionBlock(self.async_sessions(**self._session_options(tenant)))

    @contextmanager
    def sync_session(self, *, tenant: Tenant | None = None) -> Iterator[Session]:
        """The same for sync code: Celery tasks, scripts, threads.

        Args:
            tenant: the tenant of this session; left out, the one of `tenant_scope`.

        Raises:
            SwallowedError: a statement had failed and its exception was swallowed.
            sqlalchemy.exc.TimeoutError: no connection became free in time.
        """
        session = self.sync_sessions(**self._session_options(tenant))
        begin_block(session)
        try:
            yield session
            if not discards(session):
                session.commit()
        except BaseException:
            if discards(session):
                # As a session that is only closed: its objects keep what they have, for a handler that reads them; new ones are new again.
                session.expunge_all()
            roll_back(session)
            raise
        finally:
            end_block(session)
            session.close()

    @property
    def get_session(self) -> Callable[..., AsyncGenerator[AsyncSession, None]]:
        """`session` as an async generator, for FastAPI's ``Depends``; see `alchemove.dependency`.

        Declare it once, ``SessionDep = Annotated[AsyncSession, session_depends(database.get_session)]``, which commits
        before the response on every version of FastAPI. Without FastAPI it is a plain async generator function.
        """
        if self._get_session is None:
            with self._lock:
                if find_spec("fastapi") is None:
                    self._get_session = self._generate_session
                else:
                    from alchemove.dependency import session_dependency

                    self._get_session = session_dependency(lambda: self)
        return self._get_session

    async def _generate_session(self) -> AsyncGenerator[AsyncSession, None]:
        async with self.session() as session:
            yield session

    # Tables and health

    def create_db_tables(self, metadata: MetaData | type[DeclarativeBase] | Any) -> None:
        """Create the tables that do not exist yet, with the sync engine.

        Args:
            metadata: a ``MetaData``, or a base class that has one.
        """
        _metadata(metadata).create_all(self.sync_engine)

    async def create_db_tables_async(self, metadata: MetaData | type[DeclarativeBase] | Any) -> None:
        """Create the tables that do not exist yet, with the async engine.

        Args:
            metadata: a ``MetaData``, or a base class that has one.
        """
        async with self.async_engine.begin() as connection:
            await connection.run_sync(_metadata(metadata).create_all)

    async def healthcheck(self, timeout: float = 5.0) -> health.Health:
        """A round trip with the async engine, and the state of its pool. Never raises.

        Args:
            timeout: seconds after which the answer is no; an exhausted pool is one.
        """
        return await health.check_async(self.async_engine, timeout)

    def healthcheck_sync(self) -> health.Health:
        """A round trip with the sync engine, and the state of its pool. Never raises."""
        return health.check(self.sync_engine)

    # The end

    def dispose(self) -> Awaitable[None]:
        """Close all connections, from sync or async code.

        Idle connections are closed, whichever event loop they belong to; those in use are closed when they come back.
        The database can be used again afterwards.

        Returns:
            Something to await, in async code: then it is done. In sync code it is done on return.
        """
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            self.close_all_connections()
            return _Done()
        return keep(self._dispose())

    async def _dispose(self) -> None:
        if self._sync_engine is not None:
            self._sync_engine.dispose()
        if self._async_engine is not None:
            await self._async_engine.dispose()

    def close_all_connections(self) -> None:
        """The same as a plain function, which never awaits: for signal handlers, ``atexit`` and legacy code.

        Inside a running event loop that loop's connections are broken off rather than closed politely.
        """
        if self._sync_engine is not None:
            self._sync_engine.dispose()
        if self._async_engine is not None:
            _close_from_sync(self._async_engine)

    def _forget(self) -> None:
        """Leave the connections to the parent process: this one is a fork."""
        self._lock = threading.RLock()
        engines = [self._sync_engine]
        if self._async_engine is not None:
            engines.append(self._async_engine.sync_engine)
        for engine in engines:
            if engine is not None:
                _of_parent.append(engine.pool)
                engine.dispose(close=False)


class _Done(Coroutine[Any, Any, None]):
    """A coroutine that is done, and does not complain when nobody awaits it; ``asyncio.run`` takes it too."""

    __slots__ = ()

    def __await__(self) -> Generator[Any, None, None]:
        yield from ()

    def send(self, value: Any, /) -> Any:
        raise StopIteration

    def throw(self, *error: Any) -> Any:
        raise error[0]

    def close(self) -> None:
        pass


def _close_from_sync(engine: AsyncEngine) -> None:
    from alchemove.pool import LoopPool

    if isinstance(engine.sync_engine.pool, LoopPool):
        engine.sync_engine.dispose()
        return
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        asyncio.run(engine.dispose())
        return
    keep(engine.dispose())


def _metadata(source: Any) -> MetaData:
    found = source if isinstance(source, MetaData) else getattr(source, "metadata", None)
    if not isinstance(found, MetaData):
        raise TypeError(f"Expected a MetaData or a class with one, such as Base, and got {source!r}.")
    return found


def _close_at_exit() -> None:
    for database in list(_databases):
        database.close_all_connections()


def _forget_in_child() -> None:
    for database in list(_databases):
        database._forget()


atexit.register(_close_at_exit)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_in_child)
