"""What a run says about every legacy place: rewritten, left on request, or refused and why."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from alchemove_codemods.decide import Decisions, Verdict
from alchemove_codemods.facts import ModuleFacts, last_name
from alchemove_codemods.findings import Finding
from alchemove_codemods.registry import reasons

_DONE = {True: "rewritten to select()", False: "rewritten to the form of 2.0"}


def findings_of(decisions: Decisions, wanted: frozenset[str]) -> Iterator[Finding]:
    """The findings in the files *wanted*, one for each place."""
    for module, node, rule, verdict, query in _places(decisions):
        if module.path in wanted:
            yield _finding(module, node, rule, verdict, _DONE[query])
    for suspect in decisions.suspects:
        module = suspect.function.module
        if module.path in wanted:
            line, column = module.source.place(suspect.node)
            text = reasons("select")[suspect.reason][1]
            yield Finding(module.path, line, column, suspect.rule, "refused", suspect.reason, text)


def _places(decisions: Decisions) -> Iterator[tuple[ModuleFacts, ast.AST, str, Verdict, bool]]:
    """Each place with its rule and verdict, and whether it is a query."""
    for creation in decisions.creations:
        yield creation.function.module, creation.node, creation.kind, decisions.of(creation.query.component), True
    for module, chains in decisions.chains.items():
        for chain in chains:
            # A property or method ``query`` of the program's own: its uses look like sites, and are as legacy as they.
            # An attribute that a query was stored in is a variable: what counts is the place that made the query.
            own = isinstance(chain.base, (ast.Attribute, ast.Call)) and last_name(chain.base) == "query"
            own = own and chain.base not in chain.file.knowledge.variables
            if own and chain.creation is None and chain.steps:
                yield module, chain.base, "model-query", decisions.of(chain.query.component), True
    for removed, verdict in decisions.removed:
        yield removed.function.module, removed.node, removed.rule, verdict, False


def _finding(module: ModuleFacts, node: ast.AST, rule: str, verdict: Verdict, done: str) -> Finding:
    line, column = module.source.place(node)
    match verdict.reason:
        case None:
            return Finding(module.path, line, column, rule, "rewritten", None, done)
        case "skipped":
            return Finding(module.path, line, column, rule, "skipped", None, "left as '# alchemove: skip' asks")
        case reason:
            elsewhere = (verdict.path, verdict.line) != (module.path, line)
            where = f" (at {verdict.path}:{verdict.line})" if elsewhere else ""
            detail = f" [{verdict.detail}]" if verdict.detail else ""
            text = f"{reasons('select')[reason][1]}{detail}{where}"
            return Finding(module.path, line, column, rule, "refused", reason, text)
