"""What stays sync because only sync code calls it: a task, a command; through which functions it does."""

from __future__ import annotations

from collections.abc import Mapping

from alchemove_codemods.colours.colour import Sync
from alchemove_codemods.colours.graph import Graph
from alchemove_codemods.facts import FunctionFacts

NOT_REACHED = "not-reached"
# What only tests call is nothing that tests force: they can call a coroutine as well.
_NO_REASON = frozenset({NOT_REACHED, "test"})


def called_by(graph: Graph, sync: Mapping[FunctionFacts, Sync]) -> dict[FunctionFacts, Sync]:
    """Of the functions that no coroutine reaches, those that something forced to be sync calls, and by way of whom."""
    found: dict[FunctionFacts, Sync] = {}
    pending = [f for f, because in sync.items() if because.reason not in _NO_REASON]
    for function in pending:  # grows: the nearest first
        reason = (found.get(function) or sync[function]).reason
        for site in graph.sites.get(function, ()):
            for target in site.targets:
                if target not in found and target in sync and sync[target].reason == NOT_REACHED:
                    found[target] = Sync(reason, "", function)
                    pending.append(target)
    return found
