"""Annotations for GitHub Actions: one workflow command a line."""

from __future__ import annotations

from collections.abc import Iterator

from alchemove_codemods.findings import Finding, Outcome, Problem


def commands(outcome: Outcome, *, pending: bool) -> Iterator[str]:
    """A warning for every site that stays legacy and an error for every file that could not be read.

    Args:
        outcome: with paths relative to the top of the repository.
        pending: rewritten sites were not written (``--check``), so each is an error of its own.
    """
    for problem in outcome.problems:
        yield _command("error", problem, "alchemove", problem.message)
    for finding in outcome.findings:
        title = f"alchemove {finding.rule}"
        if finding.status != "rewritten":
            yield _command("warning", finding, title, f"{finding.message} ({finding.reason or 'skip-comment'})")
        elif pending:
            yield _command("error", finding, title, finding.message)


def _command(level: str, place: Finding | Problem, title: str, message: str) -> str:
    fields = {"file": place.path, "line": place.line, "col": place.column, "title": title}
    properties = ",".join(f"{key}={_property(str(value))}" for key, value in fields.items() if value is not None)
    return f"::{level} {properties}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
