"""Recordings of lazy loads, as ``pytest --record-lazy-loads FILE`` writes them, for ``alchemove rewrite --lazy-loads FILE``.

The tool reads the file itself: what wrote it needs SQLAlchemy, which this half never imports.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alchemove_codemods.project import NotUsable

VERSION = 1
"""The version of the format that can be read, that of :mod:`alchemove.lazy_report`."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A line (from 1) of a file, and the name of the function that it was run in."""

    file: str
    line: int
    function: str

    def is_in(self, path: str) -> bool:
        """Whether the file of *path*, relative to the top of the program, may be meant: pytest may run above or below it."""
        return self.file == path or self.file.endswith(f"/{path}") or path.endswith(f"/{self.file}")


@dataclass(frozen=True, slots=True, order=True)
class Recorded:
    """One lazy load that was seen.

    ``path`` leads from the class that the statement at ``origin`` selects to the attribute that was read at ``place``:
    dotted classes with attributes. ``origin`` is None where no statement loaded the object. ``partly`` marks an expired
    value of an object that is not expired as a whole, ``queried`` a dynamic relationship that was queried by a method.
    """

    place: Place
    kind: str
    path: tuple[tuple[str, str], ...]
    partly: bool
    origin: Place | None
    queried: bool = False


def read(file: Path, program: Iterable[str]) -> tuple[Recorded, ...]:
    """The lazy loads that *file* holds, those at one place only once; *program* are the files that it should be about.

    Raises:
        NotUsable: the file cannot be read, is no such recording, or is about none of the files.
    """
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise NotUsable(
            f"{file} cannot be read ({error.strerror}); pytest --record-lazy-loads {file} writes it"
        ) from error
    except ValueError as error:
        raise NotUsable(f"{file} is no recording of lazy loads: {error}") from error
    version = document.get("version") if isinstance(document, dict) else None
    if version != VERSION:
        raise NotUsable(
            f"{file} is no recording of lazy loads that this version can read: its format is {version!r}, not {VERSION}. "
            f"Write it anew: pytest --record-lazy-loads {file}"
        )
    try:
        found = sorted({_load(each) for each in document["loads"]}, key=repr)
    except (KeyError, TypeError, ValueError) as error:
        raise NotUsable(f"{file} is no recording of lazy loads: {type(error).__name__}: {error}") from error
    paths = list(program)
    if found and not any(each.place.is_in(path) for each in found for path in paths):
        raise NotUsable(
            f"{file} is about another program: none of the files in which it saw lazy loads is one of this "
            f"({found[0].place.file}, ...). Record it from the tests of this program"
        )
    return tuple(found)


def _load(each: Mapping[str, Any]) -> Recorded:
    path = tuple((str(step["class"]), str(step["attribute"])) for step in each["path"])
    if not path:
        raise ValueError("a lazy load without an attribute")
    origin = each["origin"]
    loaded = _place(origin) if origin else None
    # Older recordings do not tell.
    return Recorded(_place(each), str(each["kind"]), path, bool(each["partly"]), loaded, bool(each.get("queried")))


def _place(each: Mapping[str, Any]) -> Place:
    return Place(str(each["file"]).replace("\\", "/"), int(each["line"]), str(each["function"]))
