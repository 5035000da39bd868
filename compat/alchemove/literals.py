"""Values as psycopg2 writes them into a statement.

See https://www.psycopg.org/docs/usage.html#adaptation-of-python-values-to-sql-types
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID


def literal(value: object) -> str:
    """*value* as text of a statement for PostgreSQL.

    Raises:
        TypeError: psycopg2 has no way to write a value of this type.
        ValueError: a text has a character that PostgreSQL stores in none.
    """
    if value is None:
        return "NULL"
    for kind, write in _WRITERS:
        if isinstance(value, kind):
            return write(value)
    raise TypeError(f"can't adapt type {type(value).__name__!r}")


def _text(value: str) -> str:
    if "\x00" in value:
        raise ValueError("A string literal cannot contain NUL (0x00) characters.")
    quoted = str.replace(value, "'", "''")
    if "\\" in quoted or "%(" in quoted:
        # SQLAlchemy looks for placeholders in the statement once more.
        return "E'" + quoted.replace("\\", "\\\\").replace("%", "\\x25") + "'"
    return f"'{quoted}'"


def _bytes(value: bytes | bytearray | memoryview) -> str:
    return f"'\\x{bytes(value).hex()}'::bytea"


def _bool(value: bool) -> str:
    return "true" if value else "false"


def _signed(text: str) -> str:
    # ``5 -3`` and not ``5--3``, which begins a comment.
    return f" {text}" if text.startswith("-") else text


def _int(value: int) -> str:
    return _signed(int.__repr__(value))


def _float(value: float) -> str:
    text = float.__repr__(value)
    match text:
        case "nan":
            return "'NaN'::float"
        case "inf" | "-inf":
            return f"'{text.replace('inf', 'Infinity')}'::float"
    return _signed(text)


def _decimal(value: Decimal) -> str:
    return _signed(str(value)) if value.is_finite() else "'NaN'::numeric"


def _datetime(value: datetime) -> str:
    return f"'{value.isoformat()}'::timestamp{'' if value.tzinfo is None else 'tz'}"


def _time(value: time) -> str:
    return f"'{value.isoformat()}'::time{'' if value.tzinfo is None else 'tz'}"


def _interval(value: timedelta) -> str:
    return f"'{value.days} days {value.seconds}.{value.microseconds:06} seconds'::interval"


def _array(value: list[Any]) -> str:
    if not value:
        return "'{}'"
    if all(v is None for v in value):
        return f"'{{{','.join(['NULL'] * len(value))}}}'"
    return f"ARRAY[{','.join(map(literal, value))}]"


def _list_of(value: tuple[Any, ...]) -> str:
    return f"({', '.join(map(literal, value))})"


_WRITERS: tuple[tuple[type | tuple[type, ...], Callable[[Any], str]], ...] = (
    (str, _text),
    (bool, _bool),
    (int, _int),
    (float, _float),
    (Decimal, _decimal),
    (UUID, lambda value: f"'{value}'::uuid"),
    (datetime, _datetime),
    (date, lambda value: f"'{value.isoformat()}'::date"),
    (time, _time),
    (timedelta, _interval),
    (list, _array),
    (tuple, _list_of),
    ((bytes, bytearray, memoryview), _bytes),
)
