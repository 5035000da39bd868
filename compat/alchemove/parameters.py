"""Values as asyncpg takes them, where psycopg2 took others for the same column.

psycopg2 writes each value into the statement, and PostgreSQL makes of it what the column holds: an int that is stored as a text, a float that is
rounded from the digits that Python shows, a time with a zone for a column without one. asyncpg sends values in the form of the column's type,
and either refuses another one (``expected str, got int``) or converts it differently (a float for ``NUMERIC`` has all of its binary
digits then, ``1.005`` is ``1.00`` in a ``NUMERIC(10, 2)``). `take_values_of_psycopg2` lets the types of an engine convert as PostgreSQL does.

- ``VARCHAR``, ``TEXT``: numbers, bools, UUIDs, dates and times without a zone become texts.
- ``INTEGER``: texts of digits become ints; floats and Decimals are rounded, halves away from zero.
- ``NUMERIC``: a float is the Decimal that Python shows for it.
- ``DOUBLE PRECISION``: texts become floats.
- ``TIMESTAMP``: a time with a zone becomes that of the session without one; ``TIMESTAMP WITH TIME ZONE``: a time without a zone is in that of the
  session, and what is read comes in it, as from psycopg2. Both take dates and texts in the form of ISO 8601.
- ``DATE``: a time with a zone becomes the day in that of the session; texts as above. ``TIME`` takes texts, too.

See https://www.postgresql.org/docs/current/sql-createcast.html (assignment casts), and
https://magicstack.github.io/asyncpg/current/usage.html#type-conversion for what asyncpg takes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time, timezone, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import event, types

if TYPE_CHECKING:
    from sqlalchemy import Dialect, Engine

_Processor = Callable[[Any], Any]
_DIGITS = re.compile(r"\s*[+-]?\d+\s*\Z")
_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*\Z")


def take_values_of_psycopg2(engine: Engine) -> None:
    """Let the types of *engine*, the sync engine inside an AsyncEngine on asyncpg, take what they take with psycopg2.

    Args:
        engine: an engine whose dialect is that of asyncpg, before its first statement.
    """
    zone = _Zone()
    known: dict[Any, Any] = dict(engine.dialect.colspecs)
    for generic, make in _CONVERSIONS.items():
        base = known.get(generic, generic)
        known[generic] = _converting(base, make, zone)
    engine.dialect.colspecs = known

    @event.listens_for(engine, "connect")
    def remember_zone(connection: Any, record: object) -> None:
        zone.name = connection.driver_connection.get_settings().TimeZone


class _Zone:
    """The time zone of the sessions of one engine, as the server reports it when a connection is made."""

    def __init__(self) -> None:
        self.name = "UTC"
        self._known: dict[str, tzinfo | None] = {}

    @property
    def current(self) -> tzinfo | None:
        """The zone; None if this machine does not know it."""
        if self.is_utc:
            # Known without the database of time zones, which small containers have not got.
            return timezone.utc
        if self.name not in self._known:
            try:
                self._known[self.name] = ZoneInfo(self.name)
            except (ZoneInfoNotFoundError, ValueError):
                self._known[self.name] = None
        return self._known[self.name]

    @property
    def is_utc(self) -> bool:
        """Whether it is UTC, which asyncpg gives anyway."""
        return self.name in ("UTC", "Etc/UTC", "GMT", "Etc/GMT", "Zulu")


def _converting(base: type[Any], make: Callable[[Any, _Zone], _Processor], zone: _Zone) -> type[Any]:
    """A subclass of the type *base* that converts what it is given first."""

    class Converting(base):  # type: ignore[misc]  # what the dialect has is not known before it runs
        def bind_processor(self, dialect: Dialect) -> _Processor:
            convert, before = make(self, zone), super().bind_processor(dialect)
            if before is None:
                return lambda value: None if value is None else convert(value)
            return lambda value: before(None if value is None else convert(value))

        def result_processor(self, dialect: Dialect, coltype: object) -> _Processor | None:
            before: _Processor | None = super().result_processor(dialect, coltype)
            if make is not _time or not self.timezone or zone.is_utc:
                return before
            return lambda value: _in_zone(value if before is None else before(value), zone)

    Converting.__name__ = Converting.__qualname__ = base.__name__
    return Converting


def _text(kind: Any, zone: _Zone) -> _Processor:
    def convert(value: Any) -> Any:
        match value:
            case bool():
                return "true" if value else "false"
            case int() | UUID():
                return str(value)
            case float() | Decimal():
                return _written(value)
            case datetime(tzinfo=None):
                # PostgreSQL leaves zeros at the end out.
                return value.isoformat(" ").rstrip("0").rstrip(".") if value.microsecond else value.isoformat(" ")
            case date() if not isinstance(value, datetime):
                return value.isoformat()
        return value

    return convert


def _written(value: float | Decimal) -> str | float | Decimal:
    """A number as PostgreSQL writes it, which has no exponents; one that is none stays."""
    number = value if isinstance(value, Decimal) else Decimal(repr(value))
    return format(number, "f") if number.is_finite() else value


def _whole(kind: Any, zone: _Zone) -> _Processor:
    def convert(value: Any) -> Any:
        if isinstance(value, str) and _DIGITS.match(value):
            return int(value)
        if isinstance(value, float):
            value = Decimal(repr(value))
        if isinstance(value, Decimal) and value.is_finite():
            return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))
        return value

    return convert


def _exact(kind: Any, zone: _Zone) -> _Processor:
    return lambda value: Decimal(repr(value)) if isinstance(value, float) else value


def _floating(kind: Any, zone: _Zone) -> _Processor:
    return lambda value: float(value) if isinstance(value, str) and _NUMBER.match(value) else value


def _time(kind: Any, zone: _Zone) -> _Processor:
    aware = bool(kind.timezone)

    def convert(value: Any) -> Any:
        if isinstance(value, str):
            value = _parsed(value, value)
            if isinstance(value, datetime) and not aware:
                # ``timestamp '2026-01-01 12:00+02'`` leaves the zone out of account.
                return value.replace(tzinfo=None)
        if isinstance(value, date) and not isinstance(value, datetime):
            value = datetime.combine(value, time())
        if not isinstance(value, datetime) or (value.tzinfo is not None) == aware or zone.current is None:
            return value
        return value.replace(tzinfo=zone.current) if aware else value.astimezone(zone.current).replace(tzinfo=None)

    return convert


def _day(kind: Any, zone: _Zone) -> _Processor:
    def convert(value: Any) -> Any:
        if isinstance(value, str):
            found = _parsed(value, value)
            return found.date() if isinstance(found, datetime) else found
        if isinstance(value, datetime):
            return (value.astimezone(zone.current) if value.tzinfo is not None and zone.current else value).date()
        return value

    return convert


def _clock(kind: Any, zone: _Zone) -> _Processor:
    def convert(value: Any) -> Any:
        try:
            return time.fromisoformat(value.strip()) if isinstance(value, str) else value
        except ValueError:
            return value

    return convert


def _parsed(text: str, default: object) -> object:
    try:
        return datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    except ValueError:
        return default


def _in_zone(value: Any, zone: _Zone) -> Any:
    if not isinstance(value, datetime) or zone.current is None:
        return value
    local = value.astimezone(zone.current)
    # psycopg2 gives the offset at that time, not the name of the zone.
    offset = local.utcoffset()
    return local if offset is None else local.replace(tzinfo=timezone(offset))


_CONVERSIONS: dict[type[Any], Callable[[Any, _Zone], _Processor]] = {
    types.String: _text,
    types.CHAR: _text,
    types.Integer: _whole,
    types.SmallInteger: _whole,
    types.BigInteger: _whole,
    types.Numeric: _exact,
    types.Float: _floating,
    types.DateTime: _time,
    types.Date: _day,
    types.Time: _clock,
}
