"""The report that a person reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from alchemove_codemods.findings import Finding, Outcome
from alchemove_codemods.report.spans import Line, line, table

EXPLAINED = 3
"""How many of the most frequent reasons are explained at the end."""

SKIP_COMMENT = "skip-comment"
"""The reason of sites that ``# alchemove: skip`` keeps."""


@dataclass(frozen=True, slots=True)
class Wording:
    """How a run speaks of what it did, or with ``--check`` and ``--diff`` of what it would do."""

    rewritten: str
    changed: str


DONE = Wording("rewritten", "changed")
WOULD = Wording("would be rewritten", "would change")
WRITTEN = Wording("done", "written")
WOULD_BE_WRITTEN = Wording("would be done", "would be written")


def rewrite(outcome: Outcome, wording: Wording, explanations: Mapping[str, str]) -> Iterator[Line]:
    """The report of ``alchemove rewrite``: every site, then how many, then why not.

    Args:
        outcome: with paths as they are to be shown.
        wording: what is said of the rewritten sites.
        explanations: the texts that belong to the reasons.
    """
    said: set[str] = set()
    for finding in outcome.findings:
        yield _site(finding, explanations, said)
    if outcome.findings:
        yield ()
    yield line(
        (f"Stage {outcome.stage}: ", "bold"),
        f"{_counted(outcome.scanned, 'file')} read, {len(outcome.changed)} {wording.changed}.",
    )
    yield from _totals(outcome, wording)
    yield from _explained(outcome, explanations)


def scan(outcome: Outcome, explanations: Mapping[str, str]) -> Iterator[Line]:
    """The report of ``alchemove scan``: what is in the program, what of it is legacy and where, and what would stay."""
    yield line((f"{_counted(outcome.scanned, 'file')} read", "bold"))
    for name, members in outcome.inventory.items():
        if members:
            yield line((f"  {name}: ", "bold"), f"{len(members)}: {_enumeration(members)}")
    yield ()
    if not outcome.findings:
        yield line("No legacy Query code was found.")
        return
    yield from _tally("Legacy sites by kind", "kind", outcome.sites, lambda finding: finding.rule)
    yield ()
    yield from _tally("Legacy sites by file", "file", outcome.sites, lambda finding: finding.path)
    yield ()
    yield line((f"What stage {outcome.stage} would do", "bold"))
    yield from _totals(outcome, WOULD)
    yield from _explained(outcome, explanations)


def _site(finding: Finding, explanations: Mapping[str, str], said: set[str]) -> Line:
    """One line; what a reason means is not *said* a second time."""
    where: tuple[str, ...] = (f"{finding.path}:{finding.line} ", finding.rule)
    match finding.status:
        case "rewritten":
            return line(*where, f": {finding.message}" if finding.message else "")
        case "refused":
            message = finding.message
            if finding.reason in said:
                message = message.removeprefix(explanations.get(finding.reason, "")).strip()
            said.add(finding.reason or "")
            return line(*where, (f" refused: {finding.reason}", "yellow"), f": {message}" if message else "")
        case "skipped":
            return line(*where, (f" skipped: {SKIP_COMMENT}", "dim"))


def _totals(outcome: Outcome, wording: Wording) -> Iterator[Line]:
    kept = _kept(outcome)
    rows: list[tuple[str, int]] = [
        ("found", len(outcome.sites)),
        (wording.rewritten, outcome.count("rewritten")),
        ("refused", sum(kept.values())),
        *((f"  {reason}", count) for reason, count in kept.most_common()),
    ]
    yield from table(("sites", "count"), rows)


def _explained(outcome: Outcome, explanations: Mapping[str, str]) -> Iterator[Line]:
    most = _kept(outcome).most_common(EXPLAINED)
    if most:
        yield ()
        yield line(("The most frequent reasons" if len(most) > 1 else "The reason", "bold"))
    for reason, count in most:
        yield line(
            f"  {reason} ",
            (f"({_counted(count, 'site')})", "dim"),
            f": {' '.join(explanations.get(reason, '').split())}",
        )
    if most:
        yield line(f"  More: alchemove explain {most[0][0]}")


def _tally(title: str, kind: str, findings: Sequence[Finding], of: Callable[[Finding], str]) -> Iterator[Line]:
    found = Counter(of(finding) for finding in findings)
    rewritten = Counter(of(finding) for finding in findings if finding.status == "rewritten")
    yield line((title, "bold"))
    yield from table(
        (kind, "found", WOULD.rewritten, "refused"),
        [(name, count, rewritten[name], count - rewritten[name]) for name, count in _ordered(found)],
    )


def _ordered(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _kept(outcome: Outcome) -> Counter[str]:
    reasons = (finding.reason or SKIP_COMMENT for finding in outcome.sites if finding.status != "rewritten")
    return Counter(dict(_ordered(Counter(reasons))))


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _enumeration(members: Sequence[str], most: int = 8) -> str:
    shown = ", ".join(members[:most])
    return shown if len(members) <= most else f"{shown}, and {len(members) - most} more"
