"""``alchemove verify``: whether two runs of the same tests sent the same SQL.

The recordings are made by the pytest plugin: ``pytest --record-sql before.json``, then the rewrite, then
``pytest --record-sql after.json``.

Aliases, labels, whitespace, the style of parameters and the casts that drivers add do not count. Neither do UUIDs and
times that each run makes anew, as long as they stand in the same places, nor whether a transaction that only read was
committed or rolled back. Anything else is a difference, and so is a test that did not end alike in both runs, or failed
in both: what it would have sent after its failure is unknown.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from alchemove.recording_file import OUTSIDE, read
from alchemove.verify_eager import Replaced, compare_eager
from alchemove.verify_output import COLOURS, as_json, coloured, repeated_text, text
from alchemove.verify_sections import Difference, Sent, compare, entries, writes_values
from alchemove.verify_values import Values

REPEATED = 3
_UNFINISHED = frozenset({"failed", "error"})


@dataclass(frozen=True, slots=True)
class Repeated:
    """A statement that one test sent again and again: an N+1 pattern."""

    section: str
    count: int
    sent: Sent


@dataclass(slots=True)
class Verdict:
    """The comparison of two recordings.

    ``outcomes`` holds how tests ended before and after, where that stands against the proof; ``endings`` the same for
    tests that only one recording has.
    """

    same: list[str] = field(default_factory=list)
    different: dict[str, Difference] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    additional: list[str] = field(default_factory=list)
    statements: tuple[int, int] = (0, 0)
    replaced: Replaced = field(default_factory=Replaced)
    outcomes: dict[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    endings: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def is_equal(self) -> bool:
        """Whether nothing differs, and the tests that say so ran to their end."""
        return not (self.different or self.missing or self.additional or self.outcomes)


def verify(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    allow_eager: bool = False,
    allow_failed: bool = False,
    volatile: Sequence[re.Pattern[str]] = (),
) -> Verdict:
    """Compare two recordings.

    Args:
        before: the document of the first recording.
        after: that of the second one.
        allow_eager: eager loads in place of lazy ones are no difference.
        allow_failed: a test that failed in both is no difference, although what comes after its failure is unknown.
        volatile: parameters that match one of these as a whole may differ.
    """
    verdict = Verdict()
    ours, theirs = _sections(before), _sections(after)
    lazy = _lazy(before) if allow_eager else frozenset[str]()
    verdict.missing = [name for name in ours if name not in theirs]
    verdict.additional = [name for name in theirs if name not in ours]
    for name in (*verdict.missing, *verdict.additional):
        outcome = (ours.get(name) or theirs[name]).get("outcome")
        if outcome in _UNFINISHED:
            verdict.endings[name] = f" ({outcome})"
    counts = [0, 0]
    for name, section in ours.items():
        if name not in theirs:
            continue
        if outcomes := _outcomes(section, theirs[name], allow_failed):
            verdict.outcomes[name] = outcomes
        written = writes_values(section, theirs[name])
        sent, sent_after = (entries(each, values_written=written) for each in (section, theirs[name]))
        counts[0] += _statements(sent)
        counts[1] += _statements(sent_after)
        values = Values(section["started"], theirs[name]["started"], volatile)
        if allow_eager:
            difference, replaced = compare_eager(sent, sent_after, values, lazy, after["latent"])
            verdict.replaced = verdict.replaced.plus(replaced)
        else:
            difference = compare(sent, sent_after, values)
        if difference:
            verdict.different[name] = difference
        else:
            verdict.same.append(name)
    verdict.statements = (counts[0], counts[1])
    return verdict


def _outcomes(before: Mapping[str, Any], after: Mapping[str, Any], allow_failed: bool) -> tuple[str, str] | None:
    """How a test ended in both runs, where that is a difference, or leaves open what it would have sent."""
    # Recordings made without pytest, or before this was recorded, have none.
    ours, theirs = before.get("outcome"), after.get("outcome")
    if ours is None or theirs is None:
        return None
    if ours == theirs and (ours not in _UNFINISHED or allow_failed):
        return None
    return ours, theirs


def _sections(document: Mapping[str, Any]) -> dict[str, Any]:
    # What is sent while tests are collected is empty for most programs, and then not in the file.
    empty = {OUTSIDE: {"started": 0.0, "entries": []}}
    return {**empty, **document["sections"]}


def _lazy(document: Mapping[str, Any]) -> frozenset[str]:
    loaded = {
        entry["attribute"]
        for section in document["sections"].values()
        for entry in section["entries"]
        if entry.get("load") == "lazy"
    }
    return frozenset(loaded | set(document["latent"]))


def _statements(sent: Sequence[Sent]) -> int:
    return sum(each.statement is not None for each in sent)


def repeated(document: Mapping[str, Any], least: int = REPEATED) -> list[Repeated]:
    """The SELECT statements that a test sent at least *least* times, most often first."""
    found: list[Repeated] = []
    for name, section in document["sections"].items():
        groups: dict[tuple[str, ...], list[Sent]] = {}
        for sent in entries(section, values_written=writes_values(section)):
            if sent.statement is not None and sent.statement.tokens[:1] in {("SELECT",), ("WITH",)}:
                groups.setdefault(sent.key, []).append(sent)
        found += [Repeated(name, len(group), group[0]) for group in groups.values() if len(group) >= least]
    return sorted(found, key=lambda each: (-each.count, each.section))


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command. Exit status: 0 the same, 1 a difference or nothing to compare, 2 a file that cannot be read."""
    arguments = _parser().parse_args(argv)
    try:
        before = read(Path(arguments.before))
        after = read(Path(arguments.after)) if arguments.after else before
    except (OSError, ValueError) as problem:
        sys.stderr.write(f"alchemove verify: {problem}\n")
        return 2
    if not arguments.after and not arguments.repeated:
        sys.stderr.write("alchemove verify: two recordings are compared; only --repeated takes a single one.\n")
        return 2
    verdict = verify(
        before,
        after,
        allow_eager=arguments.allow_eager,
        allow_failed=arguments.allow_failed or not arguments.after,
        volatile=arguments.volatile,
    )
    if arguments.after and verdict.is_equal and verdict.statements == (0, 0):
        sys.stderr.write(
            "alchemove verify: neither recording holds a statement, so nothing was compared. Did the tests run and pass?\n"
        )
        return 1
    patterns = repeated(after, arguments.least) if arguments.repeated else []
    if arguments.format == "json":
        sys.stdout.write(json.dumps(as_json(verdict, patterns), indent=1) + "\n")
        return int(not verdict.is_equal)
    colours = COLOURS if sys.stdout.isatty() else {}
    for line in text(verdict, arguments.most) if arguments.after else ():
        sys.stdout.write(coloured(line, colours) + "\n")
    if arguments.repeated:
        for line in repeated_text(patterns, arguments.least):
            sys.stdout.write(line + "\n")
    return int(not verdict.is_equal)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="alchemove verify",
        description="Compares two SQL recordings made with pytest --record-sql FILE.",
        epilog="Exit status: 0 the same, 1 a difference or nothing to compare, 2 a file that cannot be read.",
    )
    parser.add_argument("before", metavar="BEFORE", help="the recording of the first run")
    parser.add_argument("after", metavar="AFTER", nargs="?", help="that of the second run")
    parser.add_argument(
        "--allow-eager", action="store_true", help="eager loads in place of lazy ones are no difference"
    )
    parser.add_argument(
        "--allow-failed",
        action="store_true",
        help="tests that failed in both recordings are no difference; what comes after their failure stays unknown",
    )
    parser.add_argument("--repeated", action="store_true", help="also point out N+1 patterns in the last recording")
    parser.add_argument(
        "--least", type=int, default=REPEATED, metavar="N", help=f"--repeated: from N times on (default {REPEATED})"
    )
    parser.add_argument(
        "--volatile",
        type=re.compile,
        action="append",
        default=[],
        metavar="REGEX",
        help="parameters that match as a whole may differ, such as tokens that each run makes anew",
    )
    parser.add_argument("--most", type=int, default=20, metavar="N", help="show at most N changes of a test")
    parser.add_argument("--format", choices=["text", "json"], default="text")
    return parser


if __name__ == "__main__":
    sys.exit(main())
