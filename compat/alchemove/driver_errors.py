"""Errors of asyncpg as those that psycopg2 raises for the same.

SQLAlchemy makes one ``DBAPIError`` of most errors of asyncpg, where psycopg2 has a class for each part of the standard's codes: ``except DataError``
and ``except OperationalError`` catch nothing any more. And what is asked of the driver's own error, in ``orig``, is a text with the name of a class of asyncpg
before it, without ``diag``, and of no class of ``psycopg2.errors``. `raise_errors_of_psycopg2` lets an engine raise the same ones as before; the error of
asyncpg is the cause of ``orig``.

See https://www.postgresql.org/docs/current/errcodes-appendix.html and https://www.psycopg.org/docs/errors.html
"""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import event, exc

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.engine import ExceptionContext

# The first characters of a code, the longest that fit count; as in psycopg2's ``exception_from_sqlstate``.
_CLASSES: Final = {
    "0A": "NotSupportedError",
    **dict.fromkeys(("20", "21", "3D", "3F", "42", "44"), "ProgrammingError"),
    **dict.fromkeys(("24", "25", "2B", "2D", "2F", "38", "39", "3B", "F0", "P0", "XX"), "InternalError"),
    **dict.fromkeys(("08", "26", "27", "28", "34", "40", "53", "54", "55", "57", "58", "HV"), "OperationalError"),
    "22": "DataError",
    "23": "IntegrityError",
}
_FIELDS: Final = {
    "severity": "severity",
    "sqlstate": "sqlstate",
    "message_primary": "message",
    "message_detail": "detail",
    "message_hint": "hint",
    "statement_position": "position",
    "internal_position": "internal_position",
    "internal_query": "internal_query",
    "context": "context",
    "schema_name": "schema_name",
    "table_name": "table_name",
    "column_name": "column_name",
    "datatype_name": "data_type_name",
    "constraint_name": "constraint_name",
    "source_file": "server_source_filename",
    "source_line": "server_source_line",
    "source_function": "server_source_function",
}


def raise_errors_of_psycopg2(engine: Engine) -> None:
    """Let *engine*, the sync engine inside an AsyncEngine on asyncpg, raise the errors that psycopg2 would.

    Args:
        engine: an engine before its first statement.
    """
    event.listen(engine, "handle_error", _as_psycopg2, retval=True)


def _as_psycopg2(context: ExceptionContext) -> BaseException | None:
    """The exception that takes the place of that of *context*; None if it stays."""
    wrapped, original = context.sqlalchemy_exception, context.original_exception
    cause = original.__cause__
    code = getattr(cause, "sqlstate", None)
    if not isinstance(wrapped, exc.DBAPIError) or cause is None or code is None:
        return None
    base: Any = type(original)
    raised = _class(base, code)(_message(cause))
    raised.__cause__ = cause
    raised.pgcode = raised.sqlstate = code
    raised.pgerror = f"{getattr(cause, 'severity', 'ERROR')}:  {raised}"
    raised.diag = SimpleNamespace(**{name: _field(cause, of) for name, of in _FIELDS.items()})
    kind: type[exc.DBAPIError] = getattr(exc, _kind(code))
    return kind(
        wrapped.statement,
        wrapped.params,
        raised,
        hide_parameters=wrapped.hide_parameters,
        connection_invalidated=wrapped.connection_invalidated,
        ismulti=wrapped.ismulti,
    )


def _kind(code: str) -> str:
    return _CLASSES.get(code[:2], "DatabaseError")


@cache
def _class(base: Any, code: str) -> Any:
    """A class for errors with this *code*: also the one of psycopg2, where that is installed."""
    # SQLAlchemy knows its own name for the driver's classes.
    dbapi: Any = next((c for c in base.__mro__ if c.__name__ == "Error"), base)
    bases: tuple[type[Any], ...] = (dbapi,)
    name, module = _kind(code), "psycopg2"
    try:
        from psycopg2 import errorcodes, errors
    except ImportError:
        return type(name, bases, {"__module__": module})
    known: Any
    try:
        known = errors.lookup(code)
    except KeyError:
        known = getattr(__import__("psycopg2"), name)
    # The attributes of psycopg2's class cannot be assigned to.
    own = dict.fromkeys(("pgcode", "pgerror", "diag", "cursor"))
    return type(known.__name__, (*bases, known), {**own, "__module__": known.__module__, "codes": errorcodes})


def _message(cause: BaseException) -> str:
    """The text of an error as libpq puts it together."""
    parts = [str(getattr(cause, "message", None) or cause.args[0] if cause.args else cause)]
    parts += [
        f"{label}:  {text}"
        for label, name in (("DETAIL", "detail"), ("HINT", "hint"), ("QUERY", "internal_query"), ("CONTEXT", "context"))
        if (text := getattr(cause, name, None))
    ]
    return "\n".join(parts) + "\n"


def _field(cause: BaseException, name: str) -> str | None:
    value: str | None = getattr(cause, name, None)
    return value
