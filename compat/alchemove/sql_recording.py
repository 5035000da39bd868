"""Everything that engines send, by test: what ``alchemove verify`` compares.

Recorded are the statements with their parameters as the driver got them, how many rows they touched or returned (as
far as the driver says), the line of the application, errors, and the boundaries of transactions; for every engine of
the process, sync and async, and by the psycopg2 cursors that the application makes itself. What the ORM loads for
relationships is marked as lazy or eager, what it reads again of an object (expired, refreshed or deferred) as column.
"""

from __future__ import annotations

import sys
import threading
import time
import weakref
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from importlib.util import find_spec
from pathlib import Path
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.engine.interfaces import ExecuteStyle
from sqlalchemy.orm import InstanceState, Mapper, Session
from sqlalchemy.orm.interfaces import MapperProperty
from sqlalchemy.sql.elements import ReleaseSavepointClause, RollbackToSavepointClause, SavepointClause

from alchemove.frames import application_site, relative
from alchemove.lazy_loads import LazyLoad, is_access, unwatch_latent, watch_latent
from alchemove.recorded_values import encoded
from alchemove.recording_file import OUTCOMES, OUTSIDE, VERSION, write

if TYPE_CHECKING:
    from typing_extensions import Self

_SAVEPOINT_WORDS = frozenset({"SAVE", "RELE", "ROLL"})
_SAVEPOINTS = (SavepointClause, RollbackToSavepointClause, ReleaseSavepointClause)

Entry = dict[str, Any]


class SqlRecording(AbstractContextManager["SqlRecording"]):
    """What all engines send from :meth:`start` to :meth:`stop`, divided into named sections."""

    def __init__(self, root: Path | None = None) -> None:
        self._root = root or Path.cwd()
        self._sections: dict[str, dict[str, Any]] = {}
        self._latent: set[str] = set()
        self._files: dict[str, str] = {}
        self._lock = threading.RLock()
        self._listeners: list[tuple[Any, str, Callable[..., Any]]] = [
            (Engine, "before_cursor_execute", self._before),
            (Engine, "after_cursor_execute", self._after),
            (Engine, "handle_error", self._failed),
            (Engine, "begin", self._begin),
            *(
                (Engine, name, self._boundary(text))
                for name, text in (
                    ("commit", "COMMIT"),
                    ("rollback", "ROLLBACK"),
                    ("savepoint", "SAVEPOINT"),
                    ("rollback_savepoint", "ROLLBACK TO SAVEPOINT"),
                    ("release_savepoint", "RELEASE SAVEPOINT"),
                    ("begin_twophase", "BEGIN TWO-PHASE"),
                    ("prepare_twophase", "PREPARE"),
                    ("commit_twophase", "COMMIT PREPARED"),
                    ("rollback_twophase", "ROLLBACK PREPARED"),
                )
            ),
        ]
        self._entries: list[Entry] = []
        self._part = object()
        self._last_transaction = 0
        self._kept: set[str] = set()
        self.section(OUTSIDE, even_if_empty=False)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Record from now on."""
        for target, name, listener in self._listeners:
            event.listen(target, name, listener)
        event.listen(Mapper, "expire", self._note_expired, raw=True)
        watch_latent(self._note_latent)
        if find_spec("psycopg2") is not None:
            from alchemove import psycopg2_recording

            psycopg2_recording.watch(self)

    def stop(self) -> None:
        """Record no more."""
        unwatch_latent(self._note_latent)
        event.remove(Mapper, "expire", self._note_expired)
        if "alchemove.psycopg2_recording" in sys.modules:
            sys.modules["alchemove.psycopg2_recording"].unwatch(self)
        for target, name, listener in self._listeners:
            event.remove(target, name, listener)

    def section(self, name: str, *, even_if_empty: bool = True) -> None:
        """What follows belongs to the section *name*, a test for instance; back in an earlier one, it continues.

        Args:
            name: the section.
            even_if_empty: it is in the recording although nothing is sent in it.
        """
        with self._lock:
            if even_if_empty:
                self._kept.add(name)
            section = self._sections.setdefault(name, {"started": time.time(), "entries": []})
            self._entries = section["entries"]
            # A transaction that is open across sections has a number in each of them.
            self._part = object()
            self._last_transaction = max((entry["transaction"] for entry in self._entries), default=0)

    def outcome(self, name: str, outcome: str | None) -> None:
        """How the test *name* ended; told several times, the worst counts.

        Args:
            name: the section.
            outcome: one of `OUTCOMES`; ``None`` forgets what was told: the test begins again.
        """
        with self._lock:
            section = self._sections.setdefault(name, {"started": time.time(), "entries": []})
            if outcome is None:
                section.pop("outcome", None)
            else:
                section["outcome"] = max(section.get("outcome", outcome), outcome, key=OUTCOMES.index)

    def document(self) -> dict[str, Any]:
        """The content of the file."""
        sections = {
            name: section
            for name, section in self._sections.items()
            if section["entries"] or name in self._kept or "outcome" in section
        }
        return {"version": VERSION, "sections": sections, "latent": sorted(self._latent)}

    def merge(self, document: Mapping[str, Any]) -> None:
        """Add the sections of another process; of a section that both have, this process's is kept."""
        for name, section in document["sections"].items():
            known = self._sections.get(name, {})
            if not known.get("entries"):
                self._sections[name] = {**section}
                self._kept.add(name)
            for outcome in {known.get("outcome"), section.get("outcome")} - {None}:
                self.outcome(name, outcome)
        self._latent.update(document["latent"])

    def write(self, path: Path) -> None:
        """Write the recording as JSON, a line for each entry."""
        write(self.document(), path)

    def _number(self, connection: Any) -> int:
        # Kept at the connection: a weak dictionary costs as much as the rest of an entry.
        part, number = getattr(connection, "_alchemove_transaction", (None, 0))
        if part is not self._part:
            self._last_transaction = number = self._last_transaction + 1
            connection._alchemove_transaction = (self._part, number)
        return int(number)

    def _begin(self, connection: Any) -> None:
        with self._lock:
            connection._alchemove_transaction = (None, 0)
            self._entries.append({"event": "BEGIN", "transaction": self._number(connection)})
            if connection.dialect.driver == "psycopg2":
                raw = connection.connection.dbapi_connection
                if hasattr(raw, "_alchemove_tells"):
                    raw._alchemove_owner = weakref.ref(connection)

    def _boundary(self, text: str) -> Callable[..., None]:
        def note(connection: Connection, *_: Any) -> None:
            with self._lock:
                self._entries.append({"event": text, "transaction": self._number(connection)})

        return note

    def _before(
        self, connection: Connection, _cursor: Any, statement: str, parameters: Any, context: Any, many: bool
    ) -> None:
        batched = many and context.execute_style is ExecuteStyle.INSERTMANYVALUES
        if batched and getattr(context, "_alchemove_entry", None) is not None:
            # The next batch of an INSERT of many rows.
            return
        if statement[:4] in _SAVEPOINT_WORDS and _is_savepoint(context):
            # It has an event of its own, and the number in its name means nothing.
            return
        with self._lock:
            dialect = context.dialect
            entry = self._note(
                statement,
                None if batched else encoded(parameters),
                many,
                self._number(connection),
                dialect.driver,
                dialect.paramstyle,
                sys._getframe(1),
            )
            _mark_load(entry, context)
            context._alchemove_entry = entry

    def _note(
        self, sql: str, parameters: Any, many: bool, transaction: int, driver: str, style: str, frame: FrameType
    ) -> Entry:
        site = application_site(frame)
        file = self._files.get(site.file)
        if file is None:
            file = self._files[site.file] = relative(site.file, self._root)
        entry: Entry = {
            "sql": sql,
            "parameters": parameters,
            "many": many,
            "rows": None,
            "transaction": transaction,
            "driver": driver,
            "style": style,
            "at": f"{file}:{site.line}",
        }
        self._entries.append(entry)
        return entry

    def _after(
        self, _connection: Connection, cursor: Any, _statement: str, _parameters: Any, context: Any, _many: bool
    ) -> None:
        entry: Entry | None = getattr(context, "_alchemove_entry", None)
        if entry is None:
            return
        _complete(entry, context)
        rows = getattr(cursor, "rowcount", -1)
        if isinstance(rows, int) and rows >= 0:
            entry["rows"] = rows + (entry["rows"] or 0)

    def _failed(self, problem: ExceptionContext) -> None:
        entry: Entry | None = getattr(problem.execution_context, "_alchemove_entry", None)
        if entry is not None:
            _complete(entry, problem.execution_context)
            entry["error"] = type(problem.sqlalchemy_exception or problem.original_exception).__name__

    def raw_sent(
        self, connection: Any, sql: str, parameters: Any, *, many: bool, style: str, frame: FrameType
    ) -> Entry:
        """A psycopg2 cursor of the application; see `alchemove.psycopg2_recording`."""
        with self._lock:
            # In a transaction of SQLAlchemy, whose events tell where it begins and ends.
            carrier = _owner(connection)
            if carrier is None:
                carrier = connection
                connection._alchemove_raw = not connection.autocommit
                if connection.autocommit:
                    connection._alchemove_transaction = (None, 0)
                elif connection.get_transaction_status() == 0:
                    connection._alchemove_transaction = (None, 0)
                    self._entries.append({"event": "BEGIN", "transaction": self._number(connection)})
            number = self._number(carrier)
            return self._note(sql, encoded(parameters), many, number, "psycopg2", style, frame)

    def raw_done(self, entry: Entry, rows: int, error: str | None) -> None:
        """It came back."""
        if error is not None:
            entry["error"] = error
        elif rows >= 0:
            entry["rows"] = rows

    def raw_ends(self, connection: Any, boundary: str, *, by_sqlalchemy: bool) -> None:
        """Its transaction ends."""
        with self._lock:
            owner = _owner(connection)
            raw = getattr(connection, "_alchemove_raw", False)
            connection._alchemove_raw = False
            if owner is not None and by_sqlalchemy:
                connection._alchemove_owner = None
            elif owner is not None or raw:
                number = self._number(connection if owner is None else owner)
                self._entries.append({"event": boundary, "transaction": number})

    def _note_expired(self, state: InstanceState[Any], _attributes: object) -> None:
        state.__dict__["_alchemove_expired"] = True

    def _note_latent(self, load: LazyLoad, session: Session) -> None:
        del session
        self._latent.add(f"{load.class_}.{load.attribute}")


def _owner(connection: Any) -> Any:
    """The connection of SQLAlchemy whose transaction runs on a connection of psycopg2, or None."""
    reference = getattr(connection, "_alchemove_owner", None)
    owner = reference and reference()
    return None if owner is None or owner.closed else owner


def _complete(entry: Entry, context: Any) -> None:
    """An INSERT of many rows with all of them: how a driver divides them into batches does not matter."""
    if entry["parameters"] is None and entry["many"]:
        entry["sql"], entry["parameters"] = context.statement, encoded(context.parameters)


def _is_savepoint(context: Any) -> bool:
    compiled = getattr(context, "compiled", None)
    return isinstance(getattr(compiled, "statement", None), _SAVEPOINTS)


def _mark_load(entry: Entry, context: Any) -> None:
    """What a statement of the ORM loads by itself: how, and which class or relationship."""
    options: Any = context.execution_options.get("_sa_orm_load_options")
    if options is None:
        return
    state = getattr(context.compiled, "compile_state", None)
    refreshed: Any = options._refresh_state
    if refreshed is not None:
        compiled: Any = getattr(state, "compile_options", None)
        names = set(getattr(compiled, "_only_load_props", None) or ())
        # ``refresh(user, ["posts"])`` asks for the primary key only, and loads the relationship after that.
        named = names & set(refreshed.mapper.relationships.keys())
        rest = names - named - {refreshed.mapper.get_property_by_column(c).key for c in refreshed.mapper.primary_key}
        entry["load"], entry["attribute"] = "refresh" if named and not rest else "column", _name(refreshed.class_)
        return
    path: tuple[Any, ...] | None = getattr(getattr(state, "current_path", None), "path", None)
    if not path:
        return
    loaded = next((each for each in reversed(path) if isinstance(each, MapperProperty)), None)
    if loaded is None:
        return
    entry["attribute"] = f"{_name(loaded.parent.class_)}.{loaded.key}"
    lazy: Any = options._lazy_loaded_from
    if lazy is None or not is_access(lazy.session):
        entry["load"] = "eager"
        return
    entry["load"] = "lazy"
    if "_alchemove_expired" in lazy.__dict__:
        entry["expired"] = True
    if lazy.runid is None:
        # No statement ever loaded the object: it was made here.
        entry["new"] = True


def _name(class_: type) -> str:
    return f"{class_.__module__}.{class_.__qualname__}"
