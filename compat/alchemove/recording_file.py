"""The file of an SQL recording.

It is JSON: ``{"version": 1, "sections": {name: {"started": seconds, "entries": [...]}}, "latent": [...]}``. An entry is
either ``{"event": "BEGIN", "transaction": 1}`` or a statement: ``sql``, ``parameters`` (a list or an object, or a list
of them where ``many`` is true), ``rows``, ``transaction``, ``driver``, ``style``, ``at`` and, where they apply,
``load``, ``attribute``, ``expired``, ``new`` and ``error``. A section that is a test may have an ``outcome``: one of
`OUTCOMES`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

VERSION = 1
OUTSIDE = "(outside of tests)"
# From good to bad: of the phases of a test (setup, call, teardown) the worst counts.
OUTCOMES = ("passed", "xpassed", "xfailed", "skipped", "failed", "error")

_EVENT = frozenset({"event", "transaction"})
_STATEMENT = frozenset({"sql", "parameters", "many", "rows", "transaction"})


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
