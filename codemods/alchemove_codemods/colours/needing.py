"""The functions that cannot be run without a session of their caller."""

from __future__ import annotations

import ast

from alchemove_codemods.colours.graph import Graph
from alchemove_codemods.colours.holders import Holder, Holders
from alchemove_codemods.facts import FunctionFacts, last_name


def needing(graph: Graph, holders: Holders) -> frozenset[FunctionFacts]:
    """The functions that work with a session, or with objects of one, that their callers hold."""
    found: set[FunctionFacts] = set()
    for function, sites in graph.sites.items():
        for site in sites:
            carried = site.kind == "handed" and site.session is None
            if (
                carried
                or site.kind in ("lazy", "query", "response")
                or (
                    site.session is not None
                    and any(not _own(holders, function, h) for h in holders.of(function, site.session))
                )
            ):
                found.add(function)
    pending = list(found)
    while pending:
        for site in graph.callers.get(pending.pop(), ()):
            caller = site.function
            if caller not in found and not any(
                e.call is site.node and _own(holders, caller, e.source)
                for t in site.targets
                for p in t.parameters
                for e in holders.into.get(Holder("parameter", t, p.arg), ())
            ):
                found.add(caller)
                pending.append(caller)
    return frozenset(found)


def _own(holders: Holders, function: FunctionFacts, holder: Holder) -> bool:
    """Whether *holder* is a session that *function* makes itself."""
    if holder.where == "made":
        return not _is_of_an_object(holder.owner)
    return (
        holder.where == "variable"
        and holder.owner is function
        and all(
            e.source.where == "result" or (e.source.where == "made" and not _is_of_an_object(e.source.owner))
            for e in holders.into.get(holder, ())
        )
    )


def _is_of_an_object(node: object) -> bool:
    """Whether *node* asks for the session that an object is in: ``object_session(user)``."""
    return isinstance(node, ast.Call) and last_name(node.func) == "object_session"
