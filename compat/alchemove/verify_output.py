"""What ``alchemove verify`` prints."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from alchemove.verify_eager import Replaced
from alchemove.verify_sections import Sent

if TYPE_CHECKING:
    from alchemove.verify import Repeated, Verdict


COLOURS = {"  -": "\x1b[31m", "  +": "\x1b[32m", "  ~": "\x1b[33m", "  !": "\x1b[33m"}


def coloured(line: str, colours: Mapping[str, str]) -> str:
    """*line* in the colour of its beginning."""
    colour = colours.get(line[:3])
    return f"{colour}{line}\x1b[0m" if colour else line


def text(verdict: Verdict, most: int) -> Iterator[str]:
    """The lines about the comparison of two recordings; at most *most* changes of each test."""
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
            yield f"{title} test: {name}{verdict.endings.get(name, '')}"
    for name, (before, after) in verdict.outcomes.items():
        yield f"{before} → {after}: {name}" if before != after else f"{before} in both: {name}"
    compared = len(verdict.same) + len(verdict.different)
    sent, sent_after = verdict.statements
    yield (
        f"{compared} sections compared: {len(verdict.same)} the same, {len(verdict.different)} different; "
        f"{len(verdict.missing)} missing, {len(verdict.additional)} additional; {sent} → {sent_after} statements"
    )
    if verdict.outcomes:
        yield f"{len(verdict.outcomes)} tests did not pass alike in both runs, so that the recordings prove nothing about them"
    if verdict.replaced != Replaced():
        replaced = verdict.replaced
        yield f"{replaced.lazy} lazy loads are gone, {replaced.eager} statements load eagerly instead"
        yield f"{replaced.again} statements that read an object again are gone"


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


def repeated_text(patterns: Sequence[Repeated], least: int) -> Iterator[str]:
    """The lines about N+1 patterns, looked for from *least* times on."""
    yield ""
    if not patterns:
        yield f"No SELECT was sent {least} times or more by one test."
    for each in patterns:
        loaded = f" lazy load of {each.sent.attribute}" if each.sent.load == "lazy" else ""
        yield f"{each.count} times in {each.section}{_at(each.sent)}{loaded}"
        yield f"    {each.sent.text}"


def as_json(verdict: Verdict, patterns: Sequence[Repeated]) -> dict[str, Any]:
    """All of it as JSON values."""
    return {
        "version": 1,
        "same": verdict.same,
        "missing": verdict.missing,
        "additional": verdict.additional,
        "outcomes": {name: list(outcomes) for name, outcomes in verdict.outcomes.items()},
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
