"""``scan --ratchet``: the number of legacy sites of every file, which may fall but never rise."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from alchemove_codemods.findings import Outcome


class WrongRecord(Exception):
    """The record cannot be read or written; says which file and what to do."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What a scan means for the record: the new one, and the files whose number rose or fell (old, new)."""

    counts: Mapping[str, int]
    risen: Mapping[str, tuple[int, int]]
    fallen: Mapping[str, tuple[int, int]]


def turn(recorded: Mapping[str, int] | None, outcome: Outcome, in_scope: Collection[str]) -> Turn:
    """Compare *outcome* with what is *recorded* (None: there is no record yet, so nothing can have risen).

    Files outside *in_scope* (those the scan was for) and files with a problem keep their record, except those that
    are gone. A number that rose keeps its old record, so that the next scan fails too.

    Args:
        recorded: legacy sites by path.
        outcome: of the scan.
        in_scope: paths of the files that the scan was for, and of recorded files that no longer exist.
    """
    found = Counter(finding.path for finding in outcome.sites)
    if recorded is None:
        return Turn(dict(sorted(found.items())), {}, {})
    unknown = {problem.path for problem in outcome.problems}
    looked_at = (set(in_scope) | found.keys()) - unknown
    changes = {
        path: (recorded.get(path, 0), found[path]) for path in sorted(looked_at) if recorded.get(path, 0) != found[path]
    }
    risen = {path: change for path, change in changes.items() if change[1] > change[0]}
    fallen = {path: change for path, change in changes.items() if change[1] < change[0]}
    counts = {**recorded, **{path: new for path, (_, new) in fallen.items()}}
    return Turn({path: count for path, count in sorted(counts.items()) if count}, risen, fallen)


def load(file: Path) -> dict[str, int] | None:
    """The record in *file*, or None if there is no such file.

    Raises:
        WrongRecord: it is not a record.
    """
    try:
        match json.loads(file.read_text(encoding="utf-8")):
            case {"version": 1, "files": dict(files)} if all(type(count) is int for count in files.values()):
                return files
            case _:
                raise WrongRecord(f"{file} is no record of `alchemove scan --ratchet`: delete it to begin a new one")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise WrongRecord(f"{file} cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise WrongRecord(f"{file} is no JSON ({error}): restore it, or delete it to begin a new record") from error


def save(file: Path, counts: Mapping[str, int]) -> None:
    """Write the record, a line for every file so that it merges well.

    Raises:
        WrongRecord: the file cannot be written.
    """
    text = json.dumps({"version": 1, "files": counts}, indent=2) + "\n"
    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        try:
            temporary.write_text(text, encoding="utf-8")
            temporary.replace(file)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise WrongRecord(f"{file} cannot be written ({error.strerror}): name another file") from error
