"""A real psycopg2 connection from the pool of a SQLAlchemy engine, on which old code works unchanged.

``engine.raw_connection()`` gives a proxy: ``with connection:`` rolls back and closes, ``connection.autocommit = True``
is ignored, ``isinstance`` and ``register_uuid`` fail. Here the engine's own connections are of a subclass of
psycopg2's class, and ``close()`` gives them back. A connection that legacy code gets behaves like one fresh from
``psycopg2.connect()``: default isolation level, no type casters but the global ones, no settings of a predecessor,
no advisory lock, temporary table or LISTEN left by it; and the pool gets it back as it was.

The next holder is the same object for Python, so a holder that goes on using a connection after its ``close()`` could
disturb the next one. Such a connection is never handed out again: the pool replaces it.
"""

from __future__ import annotations

import sys
import warnings
import weakref
from dataclasses import dataclass, field
from types import FrameType
from typing import Any, cast

import psycopg2
import psycopg2.extensions
from sqlalchemy import Dialect, Engine, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import Session
from sqlalchemy.pool import PoolProxiedConnection

from alchemove.deprecated import show_by_default
from alchemove.frames import Site, application_site
from alchemove.psycopg2_recording import ends, recorded_cursor

_SAVEPOINT = "alchemove_joined"
_OPENED = "alchemove.opened"
_installed: weakref.WeakSet[Dialect] = weakref.WeakSet()


class UnclosedConnectionWarning(ResourceWarning):
    """A connection was taken from the pool and never closed; the warning points to the line that took it."""


show_by_default(UnclosedConnectionWarning)


@dataclass(slots=True)
class _Lease:
    """One connection on loan: who took it, how it gets back to the pool, and what to restore before."""

    site: Site
    proxy: PoolProxiedConnection
    session: tuple[Any, ...]
    string_types: dict[int, Any]
    binary_types: dict[int, Any]
    cursor_factory: Any
    encoding: str
    cursors: weakref.WeakSet[psycopg2.extensions.cursor] = field(default_factory=weakref.WeakSet)


class _OnLoan:
    """Stands in the pool for a connection on loan.

    With the connection itself there, one that legacy code forgets would never be collected and never be missed.
    """

    def close(self) -> None:
        pass


class PooledConnection(psycopg2.extensions.connection):
    """A psycopg2 connection of a pool; see the module."""

    _alchemove_tells = True
    _lease: _Lease | None = None
    # Back in the pool after a loan, until its next checkout.
    _returned = False
    # One entry for each get_db_connection(session) that is not closed yet.
    _joined = 0
    # The references to a connection that nobody but the pool holds, as its first checkout sees them.
    _references = 0
    _lent = False
    _settings: list[tuple[str, str]] | None = None

    @property
    def closed(self) -> int:
        """0 while it can be used, as psycopg2 has it; a returned connection is closed for whoever returned it."""
        actual: int = super().closed
        if not actual and self._returned and not _is_sqlalchemy(sys._getframe(1)):
            return 1
        return actual

    def cursor(self, *args: Any, **kwargs: Any) -> Any:
        """As psycopg2 has it."""
        frame = sys._getframe(1)
        self._check(frame)
        made = recorded_cursor(super().cursor, args, kwargs, frame)
        if self._lease is not None:
            self._lease.cursors.add(made)
        return made

    def commit(self) -> None:
        """Commit; in a session's transaction: keep what was done so far, for the session to commit."""
        frame = sys._getframe(1)
        self._check(frame)
        if self._joined and not self._leave(frame):
            self._run(f"RELEASE SAVEPOINT {_SAVEPOINT}", f"SAVEPOINT {_SAVEPOINT}")
        else:
            ends(self, "COMMIT", frame)
            super().commit()

    def rollback(self) -> None:
        """Roll back; in a session's transaction: only what was done here since the last commit."""
        frame = sys._getframe(1)
        self._check(frame)
        if self._joined and not self._leave(frame):
            ends(self, "ROLLBACK TO SAVEPOINT", frame)
            self._run(f"ROLLBACK TO SAVEPOINT {_SAVEPOINT}")
        else:
            ends(self, "ROLLBACK", frame)
            super().rollback()

    def close(self) -> None:
        """Give it back to the pool, or end its part of a session's transaction; the rest is rolled back."""
        frame = sys._getframe(1)
        if _is_sqlalchemy(frame):
            ends(self, "ROLLBACK", frame)
            self._joined = 0
            super().close()
        elif self._joined:
            self._joined -= 1
            if not super().closed:
                self._run(f"ROLLBACK TO SAVEPOINT {_SAVEPOINT}", f"RELEASE SAVEPOINT {_SAVEPOINT}")
        elif self._lease is not None:
            ends(self, "ROLLBACK", frame)
            self._give_back(self._lease)

    def __del__(self) -> None:
        if self._lease is not None:
            lease, self._lease = self._lease, None
            # What was not committed is rolled back by the server when psycopg2 closes the connection now.
            lease.proxy.invalidate()
            warnings.warn_explicit(
                f"a connection was taken here and never closed: call close(), or take it with contextlib.closing(); "
                f"it was closed when {lease.site.function} had lost it, and what was not committed is lost",
                UnclosedConnectionWarning,
                lease.site.file,
                lease.site.line,
                source=self,
            )

    def _check(self, caller: FrameType) -> None:
        if self._returned and not _is_sqlalchemy(caller):
            raise psycopg2.InterfaceError("connection already closed")

    def _leave(self, caller: FrameType) -> bool:
        """Whether the session itself ends its transaction, and with it every part in it."""
        if _is_sqlalchemy(caller):
            self._joined = 0
            return True
        return False

    def _run(self, *statements: str) -> None:
        with super().cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def _join(self) -> None:
        self._run(f"SAVEPOINT {_SAVEPOINT}")
        self._joined += 1

    def _lend(self, proxy: PoolProxiedConnection, site: Site) -> None:
        if self._settings is None:
            with super().cursor() as cursor:
                cursor.execute("SELECT name, setting FROM pg_catalog.pg_settings WHERE source = 'session'")
                self._settings = cursor.fetchall()
            super().rollback()
        self._lease = _Lease(
            site,
            proxy,
            (self.isolation_level, self.readonly, self.deferrable, self.autocommit),
            dict(self.string_types),
            dict(self.binary_types),
            self.cursor_factory,
            self.encoding,
        )
        # SQLAlchemy registers casters on its connections: old code that reads a UUID expects text, as ever.
        self.string_types.clear()
        self.binary_types.clear()
        self._set_session(None, None, None, autocommit=False)
        self._lent = True
        _put(proxy, cast("Any", _OnLoan()))

    def _set_session(self, isolation_level: Any, readonly: Any, deferrable: Any, autocommit: Any) -> None:
        values = {
            "isolation_level": isolation_level,
            "readonly": readonly,
            "deferrable": deferrable,
            "autocommit": autocommit,
        }
        for name, value in values.items():
            if getattr(self, name) != value:
                setattr(self, name, value)

    def _give_back(self, lease: _Lease) -> None:
        self._lease = None
        _put(lease.proxy, cast("Any", self))
        try:
            self._clean(lease)
        except (psycopg2.Error, psycopg2.Warning):
            # Broken, or in a state (two-phase, asynchronous) that has no way back: let the pool open a new one.
            lease.proxy.invalidate()
        else:
            self._returned = True
            lease.proxy.close()

    def _clean(self, lease: _Lease) -> None:
        super().rollback()
        for cursor in list(lease.cursors):
            try:
                cursor.close()
            except psycopg2.Error:
                # The rollback has already closed a named cursor on the server.
                super().rollback()
        if self.encoding != lease.encoding:
            self.set_client_encoding(lease.encoding)
        self.cursor_factory = lease.cursor_factory
        del self.notices[:]
        for casters, saved in ((self.string_types, lease.string_types), (self.binary_types, lease.binary_types)):
            casters.clear()
            casters.update(saved)
        self._set_session(None, None, None, autocommit=True)
        with super().cursor(cursor_factory=psycopg2.extensions.cursor) as cursor:
            cursor.execute("DISCARD ALL")
            if self._settings:
                settings = ", ".join(["pg_catalog.set_config(%s, %s, false)"] * len(self._settings))
                cursor.execute(f"SELECT {settings}", [text for pair in self._settings for text in pair])
        self._set_session(*lease.session)


def _is_sqlalchemy(frame: FrameType) -> bool:
    return str(frame.f_globals.get("__name__", "")).startswith("sqlalchemy.")


def _put(proxy: PoolProxiedConnection, connection: Any) -> None:
    record: Any = proxy._connection_record
    record.dbapi_connection = connection
    fairy: Any = proxy
    fairy.dbapi_connection = connection


def install(engine: Engine) -> None:
    """Let *engine* open its connections as :class:`PooledConnection`; calling it again changes nothing.

    Raises:
        RuntimeError: the engine does not use psycopg2.
    """
    if engine.dialect.driver != "psycopg2":
        raise RuntimeError(
            f"get_db_connection() gives psycopg2 connections, but the engine uses {engine.dialect.name}+"
            f"{engine.dialect.driver}. Name the driver in the URL: postgresql+psycopg2://..."
        )
    # Not event.contains(): it takes a new engine at the address of a collected one for the old one.
    if engine.dialect not in _installed:
        _installed.add(engine.dialect)
        event.listen(engine, "do_connect", _choose_class)
        event.listen(engine, "connect", _mark)
        event.listen(engine, "checkout", _refuse_if_still_held)


def _choose_class(_dialect: Any, _record: Any, _arguments: Any, options: dict[str, Any]) -> None:
    options.setdefault("connection_factory", PooledConnection)


def _mark(_connection: Any, record: Any) -> None:
    record.info[_OPENED] = True


def _refuse_if_not_ours(proxy: PoolProxiedConnection) -> None:
    """For a connection of another class: only one that was opened before `install` can be replaced by ours."""
    if proxy.info.get(_OPENED):
        raise RuntimeError(
            f"The engine opens connections of {type(proxy.driver_connection).__name__}: it was made with a creator or a "
            "connection_factory of its own, so that get_db_connection() has none to give. Let it make a "
            "alchemove.psycopg2_connection.PooledConnection, or a subclass."
        )


def _refuse_if_still_held(connection: Any, _record: Any, _proxy: Any) -> None:
    if not isinstance(connection, PooledConnection):
        return
    references = sys.getrefcount(connection)
    if not connection._references:
        connection._references = references
    elif connection._lent and references > connection._references:
        raise DisconnectionError("legacy code still holds this connection although it closed it")
    connection._lent = connection._returned = False


def take(engine: Engine, session: Session | None = None, site: Site | None = None) -> PooledConnection:
    """A psycopg2 connection from the pool of *engine*, or the one of *session*'s transaction.

    Args:
        engine: The engine, on psycopg2.
        session: With a sync session, the connection takes part in its transaction: it sees what the session has
            flushed, ``commit()`` keeps its changes for the session's commit, ``rollback()`` undoes only its own, and
            ``close()`` ends its part. An asynchronous session has no psycopg2 connection to share.
        site: The line that is reported if the connection is never closed; default: the caller's.

    Raises:
        RuntimeError: the engine does not use psycopg2 or has a ``creator`` of its own, or *session*'s transaction runs
            on a connection that was opened before the first call.
        sqlalchemy.exc.TimeoutError: the pool is exhausted.
    """
    if session is not None:
        return _take_from(session)
    install(engine)
    site = site or application_site(sys._getframe(1))
    while True:
        proxy = engine.raw_connection()
        connection = proxy.driver_connection
        if isinstance(connection, PooledConnection):
            try:
                connection._lend(proxy, site)
            except BaseException:
                proxy.invalidate()
                raise
            return connection
        try:
            _refuse_if_not_ours(proxy)
        finally:
            proxy.invalidate()


def _take_from(session: Session) -> PooledConnection:
    if not isinstance(session, Session):
        raise TypeError(
            f"get_db_connection(session) needs a sync Session, not {type(session).__name__}: a psycopg2 connection "
            "cannot take part in a transaction that runs on an asynchronous driver."
        )
    began_here = not session.in_transaction()
    session.flush()
    engine = session.connection().engine
    install(engine)
    connection = session.connection().connection.driver_connection
    while not isinstance(connection, PooledConnection):
        if not began_here:
            raise RuntimeError(
                "The session's transaction runs on a connection that was opened before alchemove could choose its "
                "class. Call alchemove.psycopg2_connection.install(engine) where the engine is made, or take the "
                "connection before the session's first statement."
            )
        _refuse_if_not_ours(session.connection().connection)
        session.connection().invalidate()
        session.rollback()
        connection = session.connection().connection.driver_connection
    connection._join()
    return connection
