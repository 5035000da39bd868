"""What FastAPI injects into one request: who makes its session, and who shares it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import cached_property

from alchemove_codemods.colours.apart import Apart
from alchemove_codemods.colours.graph import Graph
from alchemove_codemods.colours.holders import Holder, Holders
from alchemove_codemods.colours.roots import Injection, Roots
from alchemove_codemods.colours.writes import Writes
from alchemove_codemods.facts import FunctionFacts
from alchemove_codemods.values import Component


class Requests:
    """The functions of a request, by what they have to do with its session."""

    def __init__(
        self,
        roots: Roots,
        graph: Graph,
        holders: Holders,
        injections: Mapping[Holder, list[Injection]],
        apart: Apart,
        writes: Writes,
    ) -> None:
        self._roots = roots
        self._graph = graph
        self._holders = holders
        self._apart = apart
        self._writes = writes
        self._sessions = [i for made in injections.values() for i in made]

    @cached_property
    def providers(self) -> frozenset[FunctionFacts]:
        """The dependencies that make the session: not those that hand on the one that they are injected."""
        given = {i.function for i in self._sessions}
        return frozenset(i.provider for i in self._sessions if i.provider is not None and i.provider not in given)

    def hands_out(self, function: FunctionFacts | None) -> bool:
        """Whether *function* is the dependency that makes the session."""
        return function in self.providers

    @cached_property
    def _users(self) -> Mapping[FunctionFacts, list[FunctionFacts]]:
        """Who is injected what a function gives, by that function."""
        found: dict[FunctionFacts, dict[FunctionFacts, None]] = {}
        for user, injections in self._roots.injections.items():
            for injection in injections:
                if injection.provider is not None:
                    found.setdefault(injection.provider, {})[user] = None
        return {provider: list(users) for provider, users in found.items()}

    def endpoints_with(self, function: FunctionFacts, ending: Callable[[FunctionFacts], bool]) -> list[FunctionFacts]:
        """The endpoints that get what *function* gives, itself if it is one; not by way of a dependency that is *ending*."""
        found = {function: None}
        pending = [function]
        while pending:
            at = pending.pop()
            if at is not function and ending(at):
                continue
            for user in self._users.get(at, ()):
                if user not in found:
                    found[user] = None
                    pending.append(user)
        return [f for f in found if f in self._roots.endpoints]

    def has_a_session(self, function: FunctionFacts, asynchronous: Collection[Holder]) -> bool:
        """Whether the request of *function* has an AsyncSession: what FastAPI gives it for the request works on that."""
        return any(self._holders.injected(i) in asynchronous for i in self._roots.injected(function))

    @cached_property
    def concerned(self) -> frozenset[FunctionFacts]:
        """The functions that have to do with the request's session: by themselves, or by what they are injected."""
        talking = {f for f in (*self._roots.injections, *self._roots.dependencies) if f in self._graph.talking}
        found = {f for f in talking if not self._apart.uses_its_own(f)} | {i.function for i in self._sessions}
        found -= self.providers
        changed = True
        while changed:
            changed = False
            for function, injections in self._roots.injections.items():
                if function not in found and any(i.provider in found and self._shares(i) for i in injections):
                    found.add(function)
                    changed = True
        return frozenset(f for f in found if not self._apart.is_unused(f))

    def _shares(self, injection: Injection) -> bool:
        """Whether it matters that the function has the same session as its dependency: what no parameter gets may leave changes in it."""
        provider = injection.provider
        return not injection.besides or (provider is not None and self._writes.after(provider, False))

    @cached_property
    def _tied(self) -> Mapping[FunctionFacts, Component]:
        """The functions that share the session of a request, by what holds them together."""
        tied: dict[FunctionFacts, Component] = {}
        for function, injections in self._roots.injections.items():
            for injection in injections:
                provider = injection.provider
                if provider is not None and self._shares(injection) and {provider, function} <= self.concerned:
                    tied.setdefault(function, Component()).unite(tied.setdefault(provider, Component()))
        return tied

    def broken(self, sync: Collection[FunctionFacts]) -> Mapping[FunctionFacts, FunctionFacts]:
        """The functions whose request is shared with one of *sync*, each with that one: they keep the legacy session."""
        culprits: dict[Component, FunctionFacts] = {}
        for function, component in self._tied.items():
            if function in sync and not self.hands_out(function):
                culprits.setdefault(component.find(), function)
        return {
            function: culprits[component.find()]
            for function, component in self._tied.items()
            if component.find() in culprits
        }
