"""What the application sends through psycopg2 cursors of its own, for the SQL recorder.

SQLAlchemy's events know nothing of a cursor that legacy code takes from ``psycopg2.connect()``, a pool of psycopg2,
``get_db_connection()`` or ``engine.raw_connection()``. While a recorder watches, such cursors are of a subclass of
the class that was asked for and tell what they send, and connections tell where their transactions end. Cursors that
SQLAlchemy makes for itself stay as they are: its events tell.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from types import FrameType
from typing import Any, Protocol

import psycopg2
import psycopg2.extensions
from psycopg2 import sql as composed

_FACTORY = "cursor_factory"
# Errors by the names that all drivers share; psycopg2 has one more for each code of the server.
_ERRORS = (
    "IntegrityError", "ProgrammingError", "OperationalError", "DataError", "InternalError", "NotSupportedError",
    "InterfaceError", "DatabaseError", "Error",
)  # fmt: skip


class Watcher(Protocol):
    """What a recorder is told."""

    def raw_sent(self, connection: Any, sql: str, parameters: Any, *, many: bool, style: str, frame: FrameType) -> Any:
        """A statement is about to be sent; what is returned is handed to `raw_done`."""
        ...

    def raw_done(self, entry: Any, rows: int, error: str | None) -> None:
        """It has touched or returned *rows* (-1: unknown), or failed."""
        ...

    def raw_ends(self, connection: Any, boundary: str, *, by_sqlalchemy: bool) -> None:
        """A transaction is about to end, by ``COMMIT`` or ``ROLLBACK``, or to go back to its savepoint."""
        ...


_watchers: tuple[Watcher, ...] = ()
_lock = threading.Lock()
_open: Callable[..., Any] = getattr(psycopg2, "_connect")  # noqa: B009 - it has no type


def watch(watcher: Watcher) -> None:
    """Tell *watcher* what is sent from now on, also on connections that ``psycopg2.connect()`` makes from now on."""
    _set((*_watchers, watcher))


def unwatch(watcher: Watcher) -> None:
    """End :func:`watch`."""
    _set(tuple(each for each in _watchers if each is not watcher))


def _set(watchers: tuple[Watcher, ...]) -> None:
    global _watchers  # noqa: PLW0603
    with _lock:
        _watchers = watchers
        # psycopg2.connect() looks this up at each call, and psycopg2's pools and SQLAlchemy call that.
        setattr(psycopg2, "_connect", _open_recorded if watchers else _open)  # noqa: B010


def _open_recorded(dsn: str, connection_factory: Any = None, **options: Any) -> Any:
    if not options:
        # Asynchronous connections of psycopg2 have no transactions and no rows to wait for.
        connection_factory = _recorded_connection(connection_factory or psycopg2.extensions.connection)
    return _open(dsn, connection_factory=connection_factory, **options)


@lru_cache(maxsize=64)
def _recorded_connection(factory: Any) -> Any:
    if not isinstance(factory, type) or hasattr(factory, "_alchemove_tells"):
        return factory
    return type(factory.__name__, (_RecordedConnection, factory), {})


class _RecordedConnection(psycopg2.extensions.connection):
    """Comes before the class that the application asked for."""

    _alchemove_tells = True

    def cursor(self, *args: Any, **kwargs: Any) -> Any:
        return recorded_cursor(super().cursor, args, kwargs, sys._getframe(1))

    def commit(self) -> None:
        ends(self, "COMMIT", sys._getframe(1))
        super().commit()

    def rollback(self) -> None:
        ends(self, "ROLLBACK", sys._getframe(1))
        super().rollback()

    def close(self) -> None:
        ends(self, "ROLLBACK", sys._getframe(1))
        super().close()


def ends(connection: Any, boundary: str, caller: FrameType) -> None:
    """Tell that *connection* is about to end its transaction, if it is in one."""
    if not _watchers or connection.closed:
        return
    if connection.get_transaction_status() == psycopg2.extensions.TRANSACTION_STATUS_IDLE:
        return
    by_sqlalchemy = not _by_application(caller)
    for watcher in _watchers:
        watcher.raw_ends(connection, boundary, by_sqlalchemy=by_sqlalchemy)


def recorded_cursor(make: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], caller: FrameType) -> Any:
    """A cursor that tells what it sends, if somebody wants to know; otherwise what *make* gives.

    Args:
        make: ``cursor()`` of the class above.
        args: what the application gave it: name, factory, withhold, scrollable.
        kwargs: the same by name.
        caller: who asks for the cursor.
    """
    made = make(*args, **kwargs)
    if not _watchers or not _by_application(caller):
        return made
    chosen: Any = type(made)
    class_ = _recorded_class(chosen)
    if chosen is not psycopg2.extensions.cursor:
        # The application's class of connection, or what it was told, has chosen: LoggingConnection does.
        made.__class__ = class_
        return made
    return make(args[0], class_, *args[2:], **kwargs) if len(args) > 1 else make(*args, **{**kwargs, _FACTORY: class_})


def _by_application(frame: FrameType | None) -> bool:
    """Whether the application, and not SQLAlchemy for itself, does what *frame* does."""
    while frame is not None and _module(frame).startswith(("psycopg2.", "alchemove.psycopg2", "sqlalchemy.pool.")):
        # The last one is a connection of engine.raw_connection().
        frame = frame.f_back
    if frame is None or _module(frame).startswith("sqlalchemy."):
        return False
    while frame is not None:
        if _module(frame).startswith("sqlalchemy.pool."):
            # What the application does whenever the pool opens or hands out a connection is nobody's statement: a test
            # that is run alone would send it, and the same test behind another would not.
            return False
        frame = frame.f_back
    return True


def _module(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", ""))


@lru_cache(maxsize=64)
def _recorded_class(class_: Any) -> Any:
    return type(class_.__name__, (_RecordedCursor, class_), {})


class _RecordedCursor(psycopg2.extensions.cursor):
    """Comes before the class that the application asked for."""

    # Cursor classes of psycopg2 and of applications are built on one another's methods.
    _alchemove_inside = False

    def execute(self, query: Any, vars: Any = None) -> None:  # noqa: A002 - the name that psycopg2 has
        self._tell(lambda: super(_RecordedCursor, self).execute(query, vars), query, vars)

    def executemany(self, query: Any, vars_list: Any) -> None:
        rows = [*vars_list]
        self._tell(lambda: super(_RecordedCursor, self).executemany(query, rows), query, rows, many=True)

    def callproc(self, procname: Any, parameters: Any = None) -> Any:
        named = isinstance(parameters, Mapping)
        marks = ", ".join(f"{name} := %({name})s" if named else "%s" for name in parameters or ())
        query = f"SELECT * FROM {procname}({marks})"  # noqa: S608 - what psycopg2 sends
        return self._tell(
            lambda: super(_RecordedCursor, self).callproc(*((procname, parameters) if parameters else (procname,))),
            query,
            parameters,
        )

    def copy_expert(self, sql: Any, file: Any, *args: Any, **kwargs: Any) -> None:
        self._tell(lambda: super(_RecordedCursor, self).copy_expert(sql, file, *args, **kwargs), sql, None)

    def copy_from(self, file: Any, table: str, *args: Any, **kwargs: Any) -> None:
        query = f"COPY {table}{_columns(args[3:4] or (kwargs.get('columns'),))} FROM STDIN"
        self._tell(lambda: super(_RecordedCursor, self).copy_from(file, table, *args, **kwargs), query, None)

    def copy_to(self, file: Any, table: str, *args: Any, **kwargs: Any) -> None:
        query = f"COPY {table}{_columns(args[2:3] or (kwargs.get('columns'),))} TO STDOUT"
        self._tell(lambda: super(_RecordedCursor, self).copy_to(file, table, *args, **kwargs), query, None)

    def _tell(self, send: Callable[[], Any], query: Any, parameters: Any, *, many: bool = False) -> Any:
        if self._alchemove_inside or not _watchers or self.closed:
            return send()
        # Without parameters psycopg2 takes % for what it is.
        style = "pyformat" if many or parameters is not None else "none"
        text, frame = _text(query, self), sys._getframe(2)
        told = [
            (each, each.raw_sent(self.connection, text, parameters, many=many, style=style, frame=frame))
            for each in _watchers
        ]
        self._alchemove_inside = True
        error: str | None = None
        try:
            return send()
        except psycopg2.Error as problem:
            error = next((each.__name__ for each in type(problem).__mro__ if each.__name__ in _ERRORS), "Error")
            raise
        finally:
            self._alchemove_inside = False
            for watcher, entry in told:
                watcher.raw_done(entry, -1 if error else self.rowcount, error)


def _columns(given: Sequence[Any]) -> str:
    return f" ({', '.join(given[0])})" if given[0] else ""


def _text(query: Any, cursor: Any) -> str:
    match query:
        case str():
            return query
        case composed.Composable():
            return query.as_string(cursor)
        case bytes() | bytearray() | memoryview():
            # execute_values() and execute_batch() put whole statements together.
            return bytes(query).decode(psycopg2.extensions.encodings[cursor.connection.encoding])
        case _:
            return str(query)
