"""What a piece of code does to a database and gives back, in a form that can be compared."""

from __future__ import annotations

import gc
import re
import types
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import LABEL_STYLE_TABLENAME_PLUS_COL, event, inspect
from sqlalchemy.engine import Engine, Row
from sqlalchemy.engine.result import ResultInternal
from sqlalchemy.exc import MultipleResultsFound
from sqlalchemy.orm import ORMExecuteState, Query, Session

_ALIAS = re.compile(r" AS \w+")
_TABLE = re.compile(r"\b(post_tags)_\d+\.")
_ANONYMOUS = re.compile(r"\banon_\d+\.(?:(?:users|addresses|parcels|posts|tags|teams|members|user|team|logs)_)?(\w+)")


@contextmanager
def statements(*, labelled: bool = False) -> Iterator[list[str]]:
    """The SQL of all engines with its parameters and transaction boundaries.

    Labels of columns are the one thing in which Query and select() may differ, and the name of the secondary table of a dynamic
    relationship: aliases are left out, and *labelled* sends selects with the labels of Query, for what else follows from them.
    """
    found: list[str] = []

    def sent(
        connection: object, cursor: object, statement: str, parameters: object, context: object, many: bool
    ) -> None:
        text = _ANONYMOUS.sub(r"anon.\1", _ALIAS.sub("", re.sub(r"\s+", " ", statement).strip()))
        text = _TABLE.sub(r"\1.", text)
        found.append(f"{text} {parameters!r}")

    def label(state: ORMExecuteState) -> None:
        if state.is_select and not state.is_relationship_load and not state.is_column_load:
            statement: Any = state.statement
            if hasattr(statement, "set_label_style") and "TABLENAME" not in str(getattr(statement, "_label_style", "")):
                state.statement = statement.set_label_style(LABEL_STYLE_TABLENAME_PLUS_COL)

    listeners: list[tuple[Any, str, Callable[..., None]]] = [(Engine, "before_cursor_execute", sent)]
    for name in ("commit", "rollback"):
        listeners.append((Engine, name, lambda connection, name=name: found.append(name)))  # noqa: PERF401
    for listener in listeners:
        event.listen(*listener)
    if labelled:
        event.listen(Session, "do_orm_execute", label)
    try:
        yield found
    finally:
        if labelled:
            event.remove(Session, "do_orm_execute", label)
        for listener in listeners:
            event.remove(*listener)


def described(value: Any, depth: int = 0) -> Any:
    """*value* as plain data: objects by class and key, rows by position."""
    if depth > 8:
        return "..."
    state = inspect(value, raiseerr=False) if hasattr(value, "_sa_instance_state") else None
    if state is not None and hasattr(state, "identity"):
        return (type(value).__name__, state.identity)
    match value:
        case Row():
            return ("row", *(described(v, depth + 1) for v in value))
        case dict():
            return {repr(described(k, depth + 1)): described(v, depth + 1) for k, v in value.items()}
        case set() | frozenset():
            return ("set", *sorted(repr(described(v, depth + 1)) for v in value))
        case list() | tuple():
            return (type(value).__name__, *(described(v, depth + 1) for v in value))
        case None | bool() | int() | float() | str():
            return value
        case ResultInternal() | Query() | types.GeneratorType():
            return ("items", *(described(v, depth + 1) for v in value))
    if type(value).__module__ == "flask_sqlalchemy.pagination":
        return ("page", described(value.items, depth + 1), value.total, value.page, value.pages)
    return re.sub(r"0x[0-9a-f]+", "0x", f"{type(value).__name__} {value}")


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keeps objects in cycles, so that what an identity map holds weakly does not depend on when the collector happens to run."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _message(exception: Exception) -> str:
    # Query.scalar() and Result.scalar_one_or_none() raise the same exception with other words.
    text = "" if isinstance(exception, MultipleResultsFound) else str(exception).split("\n", 1)[0]
    return re.sub(r"0x[0-9a-f]+", "0x", text)


def observed(function: Callable[[Any], Any], database: Callable[[], Any], *, labelled: bool = False) -> dict[str, Any]:
    """What *function* does when it is given a session on a fresh *database*: SQL, value or exception, and the session afterwards."""
    with warnings.catch_warnings(), _uncollected(), database() as session:
        warnings.simplefilter("ignore")
        value: Any = None
        error = None
        with statements(labelled=labelled) as sql:
            try:
                value = described(function(session))
            except Exception as exception:  # noqa: BLE001 - the exception is what is compared
                error = (type(exception).__name__, _message(exception))
            loaded = sorted(repr((key[0].__name__, key[1])) for key in session.identity_map)
            session.flush()
            loaded_after = sorted(repr((key[0].__name__, key[1])) for key in session.identity_map)
        return {"sql": sql, "value": value, "error": error, "loaded": loaded, "loaded after flush": loaded_after}
