"""The report as SARIF 2.1.0, which code scanning services and editors read."""

from __future__ import annotations

import json
from importlib import metadata
from typing import Any
from urllib.parse import quote

from alchemove_codemods.findings import Finding, Outcome, Problem
from alchemove_codemods.registry import rules

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {"rewritten": "note", "refused": "warning", "skipped": "none"}


def log(outcome: Outcome, *, successful: bool) -> str:
    """A log with one run: a result for every site, a notification for every file that could not be read.

    Args:
        outcome: with paths relative to the top of the program.
        successful: whether the run did what it was asked to, problems with single files aside.
    """
    names = sorted({finding.rule for finding in outcome.findings})
    index = {name: at for at, name in enumerate(names)}
    run = {
        "tool": {
            "driver": {
                "name": "alchemove",
                "version": metadata.version("alchemove"),
                "rules": [_rule(name) for name in names],
            }
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"SRCROOT": {"description": {"text": "The top of the program"}}},
        "invocations": [
            {
                "executionSuccessful": successful,
                "toolExecutionNotifications": [_notification(problem) for problem in outcome.problems],
            }
        ],
        "properties": {"stage": outcome.stage, "inventory": outcome.inventory},
        "results": [_result(finding, index) for finding in outcome.findings],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(name: str) -> dict[str, Any]:
    declared = rules().get(name)
    if declared is None or not declared.manual:
        return {"id": name}
    summary = declared.manual.partition("\n")[0]
    return {"id": name, "shortDescription": {"text": summary}, "help": {"text": declared.manual}}


def _result(finding: Finding, index: dict[str, int]) -> dict[str, Any]:
    reason = "skip-comment" if finding.status == "skipped" else finding.reason
    return {
        "ruleId": finding.rule,
        "ruleIndex": index[finding.rule],
        "level": _LEVELS[finding.status],
        "message": {"text": finding.message or finding.rule},
        "locations": [_location(finding.path, finding.line, finding.column)],
        "properties": {"status": finding.status, "reason": reason},
    }


def _notification(problem: Problem) -> dict[str, Any]:
    return {
        "level": "error",
        "message": {"text": problem.message},
        "locations": [_location(problem.path, problem.line, problem.column)],
    }


def _location(path: str, line: int | None, column: int | None) -> dict[str, Any]:
    uri = quote(path.encode("utf-8", "surrogateescape"))
    place: dict[str, Any] = {"artifactLocation": {"uri": uri, "uriBaseId": "SRCROOT"}}
    if line is not None:
        place["region"] = {"startLine": line} | ({"startColumn": column} if column is not None else {})
    return {"physicalLocation": place}
