"""The JSON report, version 1."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from alchemove_codemods.findings import Finding, Outcome


def rewrite(outcome: Outcome) -> str:
    """The report of ``alchemove rewrite --format json``.

    A site that ``# alchemove: skip`` keeps is refused, with the reason ``skip-comment``. What is only pointed out (``bulk_*`` methods,
    which stay legal) is among the findings, but not among the ``sites``.
    """
    return _dump(_document(outcome))


def scan(outcome: Outcome) -> str:
    """The report of ``alchemove scan --format json``: that of the rewrite, and what the program consists of."""
    kinds: dict[str, Counter[str]] = {}
    for finding in outcome.sites:
        counts = kinds.setdefault(finding.rule, Counter(found=0, rewritten=0, refused=0))
        counts["found"] += 1
        counts[_status(finding)] += 1
    files = Counter(finding.path for finding in outcome.sites)
    legacy = {"kinds": dict(sorted(kinds.items())), "files": dict(sorted(files.items()))}
    return _dump({**_document(outcome), "legacy": legacy, "inventory": outcome.inventory})


def _document(outcome: Outcome) -> dict[str, Any]:
    rewritten = outcome.count("rewritten")
    return {
        "version": 1,
        "stage": outcome.stage,
        "files": {"scanned": outcome.scanned, "changed": len(outcome.changed)},
        "sites": {
            "found": len(outcome.sites),
            "rewritten": rewritten,
            "refused": len(outcome.sites) - rewritten,
        },
        "findings": [
            {
                "path": finding.path,
                "line": finding.line,
                "column": finding.column,
                "rule": finding.rule,
                "status": _status(finding),
                "reason": "skip-comment" if finding.status == "skipped" else finding.reason,
                "message": finding.message,
            }
            for finding in outcome.findings
        ],
    }


def _status(finding: Finding) -> str:
    return "rewritten" if finding.status == "rewritten" else "refused"


def _dump(document: dict[str, Any]) -> str:
    # A line for every finding: indenting takes Python's slow encoder, and lines compare well.
    fields = {key: json.dumps(value) for key, value in document.items()}
    fields["findings"] = "[" + ",".join(f"\n  {json.dumps(each)}" for each in document["findings"]) + "]"
    return "{" + ",\n ".join(f'"{key}": {text}' for key, text in fields.items()) + "}\n"
