"""Everything that engines send, by test: what ``alchemove verify`` compares.

Recorded are the statements with their parameters as the driver got them, how many rows they touched or returned (as
far as the driver says), the line of the application, errors, and the boundaries of transactions; for every engine of
the process, sync and async. What the ORM loads for relationships is marked as lazy or eager.

The file is JSON: ``{"version": 1, "sections": {name: {"started": seconds, "entries": [...]}}, "latent": [...]}``. An
entry is either ``{"event": "BEGIN", "transaction": 1}`` or a statement: ``sql``, ``parameters`` (a list or an object,
or a list of them where ``many`` is true), ``rows``, ``transaction``, ``driver``, ``style``, ``at`` and, where they
apply, ``load``, ``attribute`` and ``error``. A section that is a test may have an ``outcome``: one of `OUTCOMES`.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from decimal import Decimal
from enum import Enum
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.engine.interfaces import ExecuteStyle
from sqlalchemy.orm import Session
from sqlalchemy.orm.interfaces import MapperProperty
from sqlalchemy.sql.elements import ReleaseSavepointClause, RollbackToSavepointClause, SavepointClause

from alchemove.frames import application_site, relative
from alchemove.lazy_loads import LazyLoad, is_access, unwatch_latent, watch_latent

if TYPE_CHECKING:
    from typing_extensions import Self

VERSION = 1
OUTSIDE = "(outside of tests)"
# From good to bad: of the phases of a test (setup, call, teardown) the worst counts.
OUTCOMES = ("passed", "xpassed", "xfailed", "skipped", "failed", "error")
_SAVEPOINT_WORDS = frozenset({"SAVE", "RELE", "ROLL"})
_SAVEPOINTS = (SavepointClause, RollbackToSavepointClause, ReleaseSavepointClause)

Entry = dict[str, Any]
_EVENT = frozenset({"event", "transaction"})
_STATEMENT = frozenset({"sql", "parameters", "many", "rows", "transaction"})


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
        watch_latent(self._note_latent)

    def stop(self) -> None:
        """Record no more."""
        unwatch_latent(self._note_latent)
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
            entry: Entry = {
                "sql": statement,
                "parameters": None if batched else encoded(parameters),
                "many": many,
                "rows": None,
                "transaction": self._number(connection),
                "driver": dialect.driver,
                "style": dialect.paramstyle,
            }
            site = application_site(sys._getframe(1))
            file = self._files.get(site.file)
            if file is None:
                file = self._files[site.file] = relative(site.file, self._root)
            entry["at"] = f"{file}:{site.line}"
            if loaded := _loads(context):
                entry["load"], entry["attribute"] = loaded
            self._entries.append(entry)
            context._alchemove_entry = entry

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

    def _note_latent(self, load: LazyLoad, session: Session) -> None:
        del session
        self._latent.add(f"{load.class_}.{load.attribute}")


def _complete(entry: Entry, context: Any) -> None:
    """An INSERT of many rows with all of them: how a driver divides them into batches does not matter."""
    if entry["parameters"] is None and entry["many"]:
        entry["sql"], entry["parameters"] = context.statement, encoded(context.parameters)


def _is_savepoint(context: Any) -> bool:
    compiled = getattr(context, "compiled", None)
    return isinstance(getattr(compiled, "statement", None), _SAVEPOINTS)


def _loads(context: Any) -> tuple[str, str] | None:
    """What a statement of the ORM loads by itself: how, and which relationship."""
    options: Any = context.execution_options.get("_sa_orm_load_options")
    if options is None:
        return None
    if options._refresh_state is not None:
        return "column", ""
    state = getattr(context.compiled, "compile_state", None)
    path: tuple[Any, ...] | None = getattr(getattr(state, "current_path", None), "path", None)
    if not path:
        return None
    loaded = next((each for each in reversed(path) if isinstance(each, MapperProperty)), None)
    if loaded is None:
        return None
    class_ = loaded.parent.class_
    lazy: Any = options._lazy_loaded_from
    kind = "lazy" if lazy is not None and is_access(lazy.session) else "eager"
    return kind, f"{class_.__module__}.{class_.__qualname__}.{loaded.key}"


def write(document: Mapping[str, Any], path: Path) -> None:
    """Write a recording as JSON, a line for each entry, so that two of them can also be compared by eye."""
    sections = ",\n".join(
        f' {json.dumps(name)}: {{"started": {section["started"]!r}, {_outcome(section)}"entries": ['
        + ",".join(f"\n  {json.dumps(entry)}" for entry in section["entries"])
        + "]}"
        for name, section in document["sections"].items()
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f'{{"version": {document["version"]}, "latent": {json.dumps(document["latent"])}, '
        f'"sections": {{\n{sections}\n}}}}\n',
        encoding="utf-8",
    )


def _outcome(section: Mapping[str, Any]) -> str:
    return f'"outcome": {json.dumps(section["outcome"])}, ' if "outcome" in section else ""


def read(path: Path) -> dict[str, Any]:
    """The document that :func:`write` wrote.

    Raises:
        ValueError: the file is no such recording.
    """
    try:
        document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if document["version"] != VERSION:
            raise ValueError(f"format {document['version']}, expected {VERSION}")  # noqa: TRY301
        for section in document["sections"].values():
            float(section["started"])
            OUTCOMES.index(section.get("outcome", "passed"))
            for entry in section["entries"]:
                needed = _EVENT if "event" in entry else _STATEMENT
                if missing := needed - entry.keys():
                    raise KeyError(*missing)  # noqa: TRY301
        document.setdefault("latent", [])
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        raise ValueError(f"{path} is no SQL recording of alchemove: {type(problem).__name__}: {problem}") from problem
    return document


def encoded(value: Any) -> Any:
    """*value* as JSON: plain values as they are, others as ``{"$type": text}``, the same for every driver."""
    kind = type(value)
    if kind is int or kind is str or value is None or kind is bool or kind is float:
        return value
    if isinstance(value, Mapping):
        return {str(key): encoded(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [encoded(each) for each in value]
    return _special(value)


def _special(value: Any) -> Any:
    match value:
        case Enum():
            return encoded(value.value)
        case datetime():
            return {"$datetime": value.isoformat()}
        case date():
            return {"$date": value.isoformat()}
        case time_of_day():
            return {"$time": value.isoformat()}
        case timedelta():
            return {"$interval": value.total_seconds()}
        case UUID():
            return {"$uuid": str(value)}
        case Decimal():
            return {"$decimal": str(value)}
        case bytes() | bytearray() | memoryview():
            return {"$bytes": bytes(value).hex()}
        case set() | frozenset():
            return {"$set": sorted(json.dumps(encoded(each)) for each in value)}
        case int() | float():
            return value.real
        case str():
            return str(value)
        case _:
            return _of_driver(value)


def _of_driver(value: Any) -> Any:
    # psycopg2 wraps bytes, JSON and others in adapters.
    if hasattr(value, "adapted"):
        return encoded(value.adapted)
    if all(hasattr(value, name) for name in ("lower", "upper", "lower_inc", "upper_inc")):
        bounds = f"{'[' if value.lower_inc else '('}{']' if value.upper_inc else ')'}"
        return {"$range": [encoded(value.lower), encoded(value.upper), bounds]}
    return {"$" + type(value).__name__.lower(): str(value)}
