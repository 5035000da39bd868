"""Values that stand in the text of a statement, next to those that are sent as parameters: the other direction of `alchemove.literals`."""

from __future__ import annotations

import re
from typing import Any, Final

_TEXT: Final = re.compile(r"(?P<escapes>[eE]?)'(?P<inner>.*)'", re.DOTALL)
_ESCAPE: Final = re.compile(r"\\(?:x(?P<code>[0-9a-fA-F]{2})|(?P<itself>.))", re.DOTALL)
_INTERVAL: Final = re.compile(r"(-?\d+) days (\d+\.?\d*) seconds")
_WORDS: Final[dict[str, bool | None]] = {"NULL": None, "TRUE": True, "FALSE": False}


class Written(str):
    """A literal, as it is written."""

    __slots__ = ()

    @property
    def text(self) -> str:
        """What a text says; other literals as they are."""
        found = _TEXT.fullmatch(self)
        if found is None:
            return str(self)
        inner = found["inner"].replace("''", "'")
        if not found["escapes"]:
            return inner
        return _ESCAPE.sub(lambda escape: chr(int(escape["code"], 16)) if escape["code"] else escape["itself"], inner)

    def as_kind_of(self, other: Any) -> Any:
        """The value, encoded in a recording, that PostgreSQL would read where it reads *other*, a value of the same form.

        What cannot be one of that kind is the text.
        """
        if self.upper() in _WORDS:
            return _WORDS[self.upper()]
        text = self.text
        try:
            match other:
                case bool():
                    return text
                case int() | float() if text == self:
                    return float(text) if not text.lstrip("-").isdigit() else int(text)
                case {"$bytes": _}:
                    return {"$bytes": text.removeprefix("\\x")}
                case {"$interval": _}:
                    return {"$interval": _seconds(text)}
                case dict() if len(other) == 1 and next(iter(other)).startswith("$"):
                    return {next(iter(other)): text}
        except ValueError:
            return text
        return text


def _seconds(text: str) -> float:
    found = _INTERVAL.fullmatch(text)
    if found is None:
        raise ValueError(text)
    return int(found[1]) * 86400 + float(found[2])
