"""What a dependency has done with its session before it hands that out: ``set_tenant(db, tenant)``, which runs inside ``run_sync`` then."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection
from functools import cached_property
from typing import TYPE_CHECKING

from alchemove_codemods.colours.contexts import Contexts
from alchemove_codemods.colours.driver import Driver
from alchemove_codemods.colours.generators import is_generator
from alchemove_codemods.colours.held_locks import HeldLocks
from alchemove_codemods.colours.own_loops import OwnLoops
from alchemove_codemods.colours.watching import Watch
from alchemove_codemods.facts import FunctionFacts
from alchemove_codemods.trees import walk

if TYPE_CHECKING:
    from alchemove_codemods.analysis.transactions.openers import Openers
    from alchemove_codemods.colours.graph import Graph
    from alchemove_codemods.colours.roots import Roots


class Preparing:
    """Answers for one program; *openers* tells what opens sessions in it, *providers* are the dependencies that make those of requests."""

    def __init__(
        self, graph: Graph, roots: Roots, openers: Openers, providers: Callable[[], Collection[FunctionFacts]]
    ) -> None:
        self._graph = graph
        self._roots = roots
        self._openers = openers
        self._providers = providers
        self._contexts = Contexts(graph, roots.dependencies)
        self._labels = (Driver(graph).label, OwnLoops(graph).label, HeldLocks(graph).label)
        self._known: dict[FunctionFacts, bool] = {}

    def suits(self, provider: FunctionFacts, watch: Watch) -> bool:
        """Whether an asynchronous counterpart of *provider*, which has *watch*, can do what it calls, on the event loop and with an AsyncSession."""
        if provider not in self._known:
            self._known[provider] = self._decide(provider, watch)
        return self._known[provider]

    def _decide(self, provider: FunctionFacts, watch: Watch) -> bool:
        graph = self._graph
        # What gives it something from a database of its own may give it objects of a session.
        given = [i.provider for i in self._roots.injections.get(provider, ()) if i.provider is not None]
        if any(f in graph.talking for f in graph.reached(given)):
            return False
        if watch.prepares and not self._is_alone(provider):
            return False
        sites = graph.sites.get(provider, ())
        # What it calls besides may open another session.
        if any(t in graph.talking for s in sites if s.node not in watch.crossed for t in s.targets):
            return False
        if watch.crossed and self._contexts.label(provider) is not None:
            return False
        for call in watch.crossed:
            targets = [t for s in sites if s.node is call and s.kind == "call" for t in s.targets]
            if not targets or not all(isinstance(t.node, ast.FunctionDef) and not is_generator(t) for t in targets):
                return False
            if any(self._needs_a_thread(f) for t in targets for f in graph.reached([t])):
                return False
        return True

    def _is_alone(self, provider: FunctionFacts) -> bool:
        """Whether no request that has the session of *provider* has another one: both would be one, prepared or not."""
        return all(provider not in sessions or len(sessions) == 1 for sessions in self._sessions)

    @cached_property
    def _sessions(self) -> list[set[FunctionFacts]]:
        """What makes the sessions of a request, for each that is injected something."""
        found = []
        for function in self._roots.injections:
            reached, pending = {function}, [function]
            while pending:
                given = (i.provider for i in self._roots.injections.get(pending.pop(), ()))
                fresh = {f for f in given if f is not None and f not in reached}
                reached |= fresh
                pending += fresh
            found.append(reached & frozenset(self._providers()))
        return found

    def _needs_a_thread(self, function: FunctionFacts) -> bool:
        """Whether *function* cannot run inside ``run_sync``, or opens a session itself, which would not be that of the request."""
        if any(label(function) is not None for label in self._labels):
            return True
        calls = (n for n in walk(function.node) if isinstance(n, ast.Call))
        return any(self._openers.of(function, c.func) or self._openers.session(function, c) for c in calls)
