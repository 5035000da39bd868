"""Whether two parameter values of two runs of one test are the same, although both runs made them anew.

A test that creates a user sends another UUID and another time in every run. Such values are the same if they play the
same part: the same UUID everywhere in one run where the other has the same UUID, a time equally far from the start of
the test. Everything else has to be equal.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Any

# Seconds by which two runs of a test may differ in when they come to the same point.
TOLERANCE = 120.0
_YEAR = 366 * 86400.0

_VOLATILE = re.compile(
    r"""
      (?P<uuid>\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b|\b[0-9a-f]{32}\b)
    | (?P<time>\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)
    | (?P<date>\b\d{4}-\d\d-\d\d\b)
    | (?P<secret>\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}|\$argon2\w+\$[^\s"']+|\beyJ[\w-]+\.[\w-]+\.[\w-]+)
    """,
    re.VERBOSE,
)


class Values:
    """The values of one test in two runs.

    Args:
        started_before: when the test began in the first run, in seconds since 1970.
        started_after: the same for the second run.
        volatile: texts that match one of these as a whole may differ.
    """

    def __init__(self, started_before: float, started_after: float, volatile: Iterable[re.Pattern[str]] = ()) -> None:
        self._before = started_before
        self._after = started_after
        self._volatile = tuple(volatile)
        self._there: dict[str, str] = {}
        self._back: dict[str, str] = {}

    def same(self, before: Any, after: Any) -> bool:
        """Whether *before* plays the same part in the first run as *after* in the second."""
        match before, after:
            case str(), str():
                return self._texts(before, after)
            case (bool(), _) | (_, bool()):
                return bool(before == after)
            case int() | float(), int() | float():
                return before == after or self._numbers(before, after)
            case list(), list():
                return len(before) == len(after) and all(map(self.same, before, after))
            case dict(), dict():
                return self._objects(before, after)
            case _:
                return bool(before == after)

    def _objects(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
        if before.keys() != after.keys():
            return False
        match list(before):
            case ["$uuid"]:
                return self._paired(before["$uuid"], after["$uuid"])
            case ["$datetime"]:
                return self._times(before["$datetime"], after["$datetime"])
            case ["$date"]:
                return self._dates(before["$date"], after["$date"])
            case ["$decimal"]:
                return Decimal(before["$decimal"]) == Decimal(after["$decimal"])
            case _:
                return all(self.same(value, after[key]) for key, value in before.items())

    def _texts(self, before: str, after: str) -> bool:
        if before == after:
            return True
        if any(pattern.fullmatch(before) and pattern.fullmatch(after) for pattern in self._volatile):
            return True
        ours, theirs = list(_VOLATILE.finditer(before)), list(_VOLATILE.finditer(after))
        if not ours or len(ours) != len(theirs) or _VOLATILE.sub("\0", before) != _VOLATILE.sub("\0", after):
            return False
        return all(map(self._parts, ours, theirs))

    def _parts(self, before: re.Match[str], after: re.Match[str]) -> bool:
        if before.lastgroup != after.lastgroup:
            return False
        match before.lastgroup:
            case "uuid":
                return self._paired(before[0], after[0])
            case "time":
                return self._times(before[0], after[0])
            case "date":
                return self._dates(before[0], after[0])
            case _:
                return True

    def _paired(self, before: str, after: str) -> bool:
        before, after = (text.replace("-", "").lower() for text in (before, after))
        return self._there.setdefault(before, after) == after and self._back.setdefault(after, before) == before

    def _times(self, before: str, after: str) -> bool:
        if before == after:
            return True
        try:
            ours, theirs = _timestamp(before), _timestamp(after)
        except ValueError:
            return False
        return abs((ours - self._before) - (theirs - self._after)) <= TOLERANCE

    def _dates(self, before: str, after: str) -> bool:
        if before == after:
            return True
        try:
            ours, theirs = date.fromisoformat(before), date.fromisoformat(after)
        except ValueError:
            return False
        return ours - _day(self._before) == theirs - _day(self._after)

    def _numbers(self, before: float, after: float) -> bool:
        """Times in seconds or milliseconds since 1970."""
        for unit in (1, 1000):
            ours, theirs = before / unit - self._before, after / unit - self._after
            if abs(ours) < _YEAR and abs(ours - theirs) <= TOLERANCE:
                return True
        return False


def _timestamp(text: str) -> float:
    text = re.sub(
        r"(\.\d{1,6})\d*", lambda found: found[1].ljust(7, "0"), text.replace("Z", "+00:00").replace(",", ".")
    )
    text = re.sub(r"([+-]\d\d)(\d\d)$", r"\1:\2", text)
    found = datetime.fromisoformat(text)
    # A naive time may be local: both runs have the same distance to UTC, and only the difference counts.
    return (found if found.tzinfo else found.replace(tzinfo=timezone.utc)).timestamp()


def _day(timestamp: float) -> date:
    return datetime.fromtimestamp(timestamp, timezone.utc).date()
