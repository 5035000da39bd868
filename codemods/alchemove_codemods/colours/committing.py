"""What commits, and what may run behind it: in the function of the commit, and in those that have called it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cached_property

from alchemove_codemods.colours.aftermath import may_raise
from alchemove_codemods.colours.following import following
from alchemove_codemods.colours.graph import Graph
from alchemove_codemods.colours.site import Site
from alchemove_codemods.facts import FunctionFacts


class Committing:
    """Answers for one program."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._raising: dict[FunctionFacts, bool] = {}

    @cached_property
    def functions(self) -> frozenset[FunctionFacts]:
        """The functions that may commit, themselves or by what they call."""
        graph = self._graph
        found = {f for f, sites in graph.sites.items() if any(s.kind == "io" and s.name == "commit" for s in sites)}
        pending = list(found)
        while pending:
            fresh = {s.function for s in graph.callers.get(pending.pop(), ())} - found
            found |= fresh
            pending += fresh
        return frozenset(found)

    def commits(self, site: Site) -> bool:
        """Whether *site* is a commit, or calls what may commit."""
        if site.kind == "io":
            return site.name == "commit"
        return site.kind == "call" and any(t in self.functions for t in site.targets)

    def at_end(self, function: FunctionFacts, statement: ast.stmt) -> Site | None:
        """The context manager of *function* that commits when the block around *statement* ends."""
        parents, sites = function.module.source.parents, self._graph.sites.get(function, ())
        at: ast.AST | None = statement
        while at is not None and at is not function.node:
            if isinstance(at, (ast.With, ast.AsyncWith)):
                for site in sites:
                    managed = any(item.context_expr is site.node for item in at.items)
                    if managed and (site.name == "begin" or not self.functions.isdisjoint(site.targets)):
                        return site
            at = parents.get(at)
        return None

    def following(self, site: Site) -> Iterator[ast.AST]:
        """The statements that may run behind the commit of *site*: handlers, too, if what it calls may raise behind that."""
        parents = site.function.module.source.parents
        return following(parents, site.node, raises=any(map(self._raises, site.targets)))

    def _raises(self, function: FunctionFacts) -> bool:
        """Whether *function* may raise behind a commit that it makes."""
        if function not in self._raising:
            # A function that calls itself raises what the others of its statements do.
            self._raising[function] = False
            sites = filter(self.commits, self._graph.sites.get(function, ()))
            self._raising[function] = any(
                any(map(self._raises, site.targets))
                or any(isinstance(node, ast.Raise) or may_raise(node) for node in self.following(site))
                for site in sites
            )
        return self._raising[function]
