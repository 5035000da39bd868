"""Parameters of statements as JSON, the same for every driver."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID


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
