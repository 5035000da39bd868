"""What a run says: findings, problems and the outcome that carries them to the reports."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

POINTED_OUT = frozenset(
    {
        "bulk-methods",
        "cascade-backrefs",
        "blocking-call",
        "blocking-session",
        "moved-import",
        "request-session",
        "session-in-tasks",
        "parameter-type",
        "unread-session",
        "eager-load",
    }
)
"""The rules whose findings are no sites."""

Status = Literal["rewritten", "refused", "skipped"]


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One legacy site and what became of it.

    ``path`` is relative to the folder the run was started for and uses ``/``; ``line`` counts from 1 and
    ``column`` from 1 (characters, not bytes), both in the file as it was before the run. ``reason`` is the
    declared name of the refusal (``alchemove explain REASON``) and None for a rewritten site.
    ``skipped`` marks a site that ``# alchemove: skip`` keeps as it is.
    """

    path: str
    line: int
    column: int
    rule: str
    status: Status
    reason: str | None
    message: str

    @property
    def counts(self) -> bool:
        """Whether it is a site; what is legal as it is and may be meant is only pointed out."""
        return self.rule not in POINTED_OUT


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """A file that could not be read, decoded or parsed; the run goes on without it and ends with status 2."""

    path: str
    line: int | None
    column: int | None
    message: str


@dataclass(slots=True)
class Outcome:
    """The result of one stage over a set of files: what would be written, and everything there is to report."""

    stage: str
    scanned: int = 0
    changed: dict[str, bytes] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    inventory: dict[str, list[str]] = field(default_factory=dict)

    @property
    def sites(self) -> list[Finding]:
        """The findings that are legacy sites."""
        return [finding for finding in self.findings if finding.counts]

    def count(self, status: Status) -> int:
        """How many sites have *status*."""
        return sum(finding.status == status for finding in self.sites)
