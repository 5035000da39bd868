"""What FastAPI injects into one request: who makes its session, and who shares it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

from alchemove_codemods.colours.apart import Apart
from alchemove_codemods.colours.graph import Graph
from alchemove_codemods.colours.holders import Holder, Holders
from alchemove_codemods.colours.roots import Injection, Roots
from alchemove_codemods.colours.writes import Writes
from alchemove_codemods.facts import FunctionFacts


@dataclass(frozen=True, slots=True)
class Division:
    """The functions that share a request with one that stays sync, each with that one.

    Those that are ``broken`` keep the legacy session. Those that are ``divided`` have a sync version for what keeps it, and run that
    with the session of the session module for all others.
    """

    broken: Mapping[FunctionFacts, FunctionFacts]
    divided: Mapping[FunctionFacts, FunctionFacts]


class Requests:
    """The functions of a request, by what they have to do with its session; *may_be_divided* tells what that is injected may have a sync version."""

    def __init__(
        self,
        roots: Roots,
        graph: Graph,
        holders: Holders,
        injections: Mapping[Holder, list[Injection]],
        apart: Apart,
        writes: Writes,
        may_be_divided: Callable[[Injection], bool],
    ) -> None:
        self._roots = roots
        self._graph = graph
        self._holders = holders
        self._apart = apart
        self._writes = writes
        self._may_be_divided = may_be_divided
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

    def given(self, function: FunctionFacts) -> list[FunctionFacts]:
        """*function*, and what is injected what it gives, by whatever way."""
        found = {function: None}
        pending = [function]
        while pending:
            fresh = [user for user in self._users.get(pending.pop(), ()) if user not in found]
            found.update(dict.fromkeys(fresh))
            pending += fresh
        return list(found)

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
        return frozenset(f for f in found if not self._apart.is_unused(f) and not self._apart.is_only_called(f))

    def _shares(self, injection: Injection) -> bool:
        """Whether it matters that the function has the same session as its dependency: what no parameter gets may leave changes in it."""
        provider = injection.provider
        return not injection.besides or (provider is not None and self._writes.after(provider, False))

    @cached_property
    def _shared(self) -> Mapping[FunctionFacts, list[Injection]]:
        """What the functions that share the session of a request are injected by one another."""
        shared: dict[FunctionFacts, list[Injection]] = {}
        for function, injections in self._roots.injections.items():
            for injection in injections:
                provider = injection.provider
                if provider is not None and self._shares(injection) and {provider, function} <= self.concerned:
                    shared.setdefault(provider, [])
                    shared.setdefault(function, []).append(injection)
        return shared

    def division(self, sync: Collection[FunctionFacts]) -> Division:
        """What becomes of the functions that share their request with one of *sync*."""
        shared, users = self._shared, self._sharing
        legacy = {f: f for f in shared if f in sync and not self.hands_out(f)}
        lost = set(legacy)
        once: set[FunctionFacts] = set()
        pending = list(legacy)
        while pending:
            at = pending.pop(0)
            for user in users.get(at, ()) if at in lost else ():
                if user not in lost:
                    lost.add(user)
                    legacy.setdefault(user, legacy[at])
                    pending.append(user)
            # What FastAPI calls for the endpoint without a parameter would find another version than the parameters have.
            if fresh := self._beside(at) - once:
                once |= fresh
                pending += [f for f in legacy if f in fresh and f not in lost]
                lost |= fresh & legacy.keys()
            for injection in shared[at]:
                provider = injection.provider
                if provider is None or provider in lost:
                    continue
                new = provider not in legacy
                legacy.setdefault(provider, legacy[at])
                if provider in once or not self._may_be_divided(injection):
                    lost.add(provider)
                    new = True
                if new:
                    pending.append(provider)
        changed = True
        while changed:
            # One that only the others are given needs no other version.
            alone = {f for f in legacy if f not in lost and all(u in lost for u in users.get(f, ()))}
            lost |= alone
            changed = bool(alone)
        return Division({f: legacy[f] for f in legacy if f in lost}, {f: legacy[f] for f in legacy if f not in lost})

    @cached_property
    def _sharing(self) -> Mapping[FunctionFacts, list[FunctionFacts]]:
        """Who shares the session with what it is injected, by the latter."""
        found: dict[FunctionFacts, dict[FunctionFacts, None]] = {}
        for user, injections in self._shared.items():
            for injection in injections:
                if injection.provider is not None:
                    found.setdefault(injection.provider, {})[user] = None
        return {provider: list(users) for provider, users in found.items()}

    def _beside(self, endpoint: FunctionFacts) -> set[FunctionFacts]:
        """The functions that FastAPI calls for *endpoint* because its route, a router or the application names them, or for these."""
        named = [i.provider for i in self._roots.injections.get(endpoint, ()) if i.besides and i.provider is not None]
        return {*named, *(i.provider for f in named for i in self._roots.injected(f) if i.provider is not None)}
