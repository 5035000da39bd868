"""What runs together: the functions that one request may run, or whatever else begins somewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from alchemove_codemods.colours.forced import is_test
from alchemove_codemods.facts import FunctionFacts

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours


class Together:
    """Answers for one program."""

    def __init__(self, colours: Colours) -> None:
        self._colours = colours

    @cached_property
    def requests(self) -> list[frozenset[FunctionFacts]]:
        """The functions that a request may run, for each endpoint."""
        return [self._reached([endpoint]) for endpoint in self._colours.roots.endpoints]

    @cached_property
    def _runs(self) -> list[frozenset[FunctionFacts]]:
        """The same, and for each function that nobody calls what it may run: tasks, commands, modules, but no tests."""
        roots, graph = self._colours.roots, self._colours.graph
        injected = {i.provider for made in roots.injections.values() for i in made}
        others = [
            f
            for f in graph.sites
            if not graph.callers.get(f) and f not in roots.endpoints and f not in injected and not is_test(f)
        ]
        return [*self.requests, *(self._reached([f]) for f in others)]

    @cached_property
    def _by_function(self) -> dict[FunctionFacts, list[frozenset[FunctionFacts]]]:
        found: dict[FunctionFacts, list[frozenset[FunctionFacts]]] = {}
        for run in self._runs:
            for function in run:
                found.setdefault(function, []).append(run)
        return found

    def running(self, function: FunctionFacts) -> list[frozenset[FunctionFacts]]:
        """What may run when *function* does: one set of functions for each way to begin."""
        return self._by_function.get(function, [])

    def beside(self, function: FunctionFacts, provider: FunctionFacts) -> frozenset[FunctionFacts]:
        """What the dependencies of *function* run, other than *provider*."""
        made = self._colours.roots.injections.get(function, ())
        return self._reached([i.provider for i in made if i.provider is not None and i.provider is not provider])

    def _reached(self, beginning: Iterable[FunctionFacts]) -> frozenset[FunctionFacts]:
        reached = set(beginning)
        pending = list(reached)
        while pending:
            for other in self._next(pending.pop()):
                if other not in reached:
                    reached.add(other)
                    pending.append(other)
        return frozenset(reached)

    def _next(self, function: FunctionFacts) -> Iterator[FunctionFacts]:
        for site in self._colours.graph.sites.get(function, ()):
            yield from site.targets
        for injection in self._colours.roots.injections.get(function, ()):
            if injection.provider is not None:
                yield injection.provider
