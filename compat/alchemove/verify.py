"""``alchemove verify``: whether two runs of the same tests sent the same SQL.

The recordings are made by the pytest plugin: ``pytest --record-sql before.json``, then the rewrite, then
``pytest --record-sql after.json``.

Aliases, labels, whitespace, the style of parameters and the casts that drivers add do not count. Neither do UUIDs and
times that each run makes anew, as long as they stand in the same places, nor whether a transaction that only read was
committed or rolled back. Anything else is a difference.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from alchemove.sql_recording import OUTSIDE, read
from alchemove.verify_eager import Replaced, compare_eager
from alchemove.verify_sections import Difference, Sent, compare, entries
from alchemove.verify_values import Values

REPEATED = 3


@dataclass(frozen=True, slots=True)
class Repeated:
    """A statement that one test sent again and again: an N+1 pattern."""

    section: str
    count: int
    sent: Sent


@dataclass(slots=True)
class Verdict:
    """The comparison of two recordings."""

    same: list[str] = field(default_factory=list)
    different: dict[str, Difference] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    additional: list[str] = field(default_factory=list)
    statements: tuple[int, int] = (0, 0)
    replaced: Replaced = field(default_factory=Replaced)

    @property
    def is_equal(self) -> bool:
        """Whether nothing differs."""
        return not (self.different or self.missing or self.additional)


def verify(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    allow_eager: bool = False,
    volatile: Sequence[re.Pattern[str]] = (),
) -> Verdict:
    """Compare two recordings.

    Args:
        before: the document of the first recording.
        after: that of the second one.
        allow_eager: eager loads in place of lazy ones are no difference.
        volatile: parameters that match one of these as a whole may differ.
    """
    verdict = Verdict()
    ours, theirs = _sections(before), _sections(after)
    lazy = _lazy(before) if allow_eager else frozenset[str]()
    verdict.missing = [name for name in ours if name not in theirs]
    verdict.additional = [name for name in theirs if name not in ours]
    counts = [0, 0]
    for name, section in ours.items():
        if name not in theirs:
            continue
        sent, sent_after = entries(section), entries(theirs[name])
        counts[0] += _statements(sent)
        counts[1] += _statements(sent_after)
        values = Values(section["started"], theirs[name]["started"], volatile)
        if allow_eager:
            difference, replaced = compare_eager(sent, sent_after, values, lazy)
            verdict.replaced = Replaced(verdict.replaced.lazy + replaced.lazy, verdict.replaced.eager + replaced.eager)
        else:
            difference = compare(sent, sent_after, values)
        if difference:
            verdict.different[name] = difference
        else:
            verdict.same.append(name)
    verdict.statements = (counts[0], counts[1])
    return verdict


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
        for sent in entries(section):
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
    verdict = verify(before, after, allow_eager=arguments.allow_eager, volatile=arguments.volatile)
    if arguments.after and verdict.is_equal and verdict.statements == (0, 0):
        sys.stderr.write(
            "alchemove verify: neither recording holds a statement, so nothing was compared. Did the tests run and pass?\n"
        )
        return 1
    patterns = repeated(after, arguments.least) if arguments.repeated else []
    if arguments.format == "json":
        sys.stdout.write(json.dumps(_document(verdict, patterns), indent=1) + "\n")
        return int(not verdict.is_equal)
    colours = _COLOURS if sys.stdout.isatty() else {}
    for line in _text(verdict, arguments.most) if arguments.after else ():
        sys.stdout.write(_coloured(line, colours) + "\n")
    if arguments.repeated:
        for line in _repeated_text(patterns, arguments.least):
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


def _text(verdict: Verdict, most: int) -> Iterator[str]:
    for name, difference in verdict.different.items():
        yield name
        for change in difference.changes[:most]:
            yield from _change(change.before, change.after, change.details)
        if len(difference.changes) > most:
            yield f"  ... and {len(difference.changes) - most} more changes"
        for note in difference.notes:
            yield f"  ! {note}"
        yield ""
    for title, names in (("missing", verdict.missing), ("additional", verdict.additional)):
        for name in names:
            yield f"{title} test: {name}"
    compared = len(verdict.same) + len(verdict.different)
    before, after = verdict.statements
    yield (
        f"{compared} sections compared: {len(verdict.same)} the same, {len(verdict.different)} different; "
        f"{len(verdict.missing)} missing, {len(verdict.additional)} additional; {before} → {after} statements"
    )
    if verdict.replaced != Replaced():
        yield f"{verdict.replaced.lazy} lazy loads replaced by {verdict.replaced.eager} statements that load eagerly"


def _change(before: Sent | None, after: Sent | None, details: Sequence[str]) -> Iterator[str]:
    match before, after:
        case Sent(), Sent():
            yield f"  ~ {after.text}{_at(after)}"
            for detail in details:
                yield f"      {detail}"
        case Sent(), None:
            yield f"  - {before.text}{_parameters(before)}{_at(before)}"
        case _, Sent():
            yield f"  + {after.text}{_parameters(after)}{_at(after)}"
        case _:
            pass


def _at(sent: Sent) -> str:
    return f"    [{sent.place}]" if sent.place else ""


def _parameters(sent: Sent, most: int = 200) -> str:
    if sent.statement is None or not sent.statement.keys:
        return ""
    shown = json.dumps(sent.rows_of_parameters() if sent.entry["many"] else sent.rows_of_parameters()[0])
    return f"    {shown if len(shown) <= most else shown[: most - 4] + ' ...'}"


def _repeated_text(patterns: Sequence[Repeated], least: int) -> Iterator[str]:
    yield ""
    if not patterns:
        yield f"No SELECT was sent {least} times or more by one test."
    for each in patterns:
        loaded = f" lazy load of {each.sent.attribute}" if each.sent.load == "lazy" else ""
        yield f"{each.count} times in {each.section}{_at(each.sent)}{loaded}"
        yield f"    {each.sent.text}"


def _document(verdict: Verdict, patterns: Sequence[Repeated]) -> dict[str, Any]:
    return {
        "version": 1,
        "same": verdict.same,
        "missing": verdict.missing,
        "additional": verdict.additional,
        "statements": list(verdict.statements),
        "different": {
            name: {
                "changes": [
                    {
                        "before": change.before and change.before.text,
                        "after": change.after and change.after.text,
                        "details": list(change.details),
                    }
                    for change in difference.changes
                ],
                "notes": difference.notes,
            }
            for name, difference in verdict.different.items()
        },
        "repeated": [
            {"test": each.section, "count": each.count, "sql": each.sent.text, "at": each.sent.place}
            for each in patterns
        ],
    }


_COLOURS = {"  -": "\x1b[31m", "  +": "\x1b[32m", "  ~": "\x1b[33m", "  !": "\x1b[33m"}


def _coloured(line: str, colours: Mapping[str, str]) -> str:
    colour = colours.get(line[:3])
    return f"{colour}{line}\x1b[0m" if colour else line


if __name__ == "__main__":
    sys.exit(main())
