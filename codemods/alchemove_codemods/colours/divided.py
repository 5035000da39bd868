"""Dependencies that exist twice where an endpoint has to stay sync: as they were for its requests, and as coroutines for all others.

What FastAPI injects into one request shares its session, so the endpoint needs all of it on the legacy session. A copy of
``get_current_user``, with what that is injected, gives it that, and ties no other endpoint that depends on the same.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from alchemove_codemods.colours.candidates import untouchable
from alchemove_codemods.colours.generators import is_generator
from alchemove_codemods.colours.graph import Site
from alchemove_codemods.colours.holders import Holder
from alchemove_codemods.colours.roots import Injection, default_of
from alchemove_codemods.facts import ClassFacts, FunctionFacts
from alchemove_codemods.trees import walk
from alchemove_codemods.values import Class

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours


class Divided:
    """Which dependencies may exist twice, as far as they are decided."""

    def __init__(self, colours: Colours) -> None:
        self._colours = colours
        self._refused: set[FunctionFacts] = set()
        self._known: dict[FunctionFacts, bool] = {}

    def may_be(self, injection: Injection) -> bool:
        """Whether what *injection* injects may exist twice, and the parameter it is for be given the sync version."""
        provider = injection.provider
        if provider is None or provider in self._refused or injection.owner is not None or injection.besides:
            return False
        if provider not in self._known:
            self._known[provider] = self._can_be_copied(provider)
        return self._known[provider] and self._can_be_named(injection, provider)

    def refuse(self, function: FunctionFacts) -> None:
        """Have *function* exist once, from now on."""
        self._refused.add(function)

    def within(self, divided: Mapping[FunctionFacts, FunctionFacts]) -> dict[FunctionFacts, FunctionFacts]:
        """The functions whose text is copied with one that is *divided*, each with what needs the copy."""
        units = {copied(f): culprit for f, culprit in divided.items()}
        found = dict(units)
        for unit, culprit in units.items():
            for function in unit.module.functions.values():
                at = function.outer
                while at is not None and at is not unit:
                    at = at.outer
                if at is unit:
                    found[function] = culprit
        return found

    def is_mixed(self, function: FunctionFacts) -> bool:
        """Whether *function*, or what is given it, has no asynchronous session, or its copy would give a sync one to something that has one."""
        colours = self._colours
        division = colours.requests.division(colours.sync)
        given = (f for f in colours.requests.given(function) if f not in division.broken)
        injected = (colours.holders.injected(i) for f in given for i in colours.roots.injections.get(f, ()))
        if any(h in colours.injections and h not in colours.asynchronous for h in injected):
            return True
        inside = self.within({function: function})
        reached = {e.target for e in colours.holders.edges if e.function in inside} & colours.asynchronous
        pending = list(reached)
        while pending:
            holder = pending.pop()
            if holder.owner not in inside and self._is_awaited(holder):
                return True
            fresh = {e.target for e in colours.holders.out.get(holder, ())} & colours.asynchronous - reached
            reached |= fresh
            pending += fresh
        return any(self._awaits(s) for f in inside for s in colours.graph.sites.get(f, ()))

    def _is_awaited(self, holder: Holder) -> bool:
        """Whether a coroutine may await *holder*: others only hand it on, and are given a sync session as well."""
        colours = self._colours
        if isinstance(holder.owner, ClassFacts):
            family = colours.knowledge.models.family(holder.owner).classes
            return any(f.owner in family for f in colours.coroutines)
        return not isinstance(holder.owner, FunctionFacts) or holder.owner in colours.coroutines

    def _awaits(self, site: Site) -> bool:
        """Whether *site* calls a coroutine that has an asynchronous session from now on."""
        return any(isinstance(t.node, ast.AsyncFunctionDef) and t in self._colours.coroutines for t in site.targets)

    def _can_be_copied(self, function: FunctionFacts) -> bool:
        """Whether a copy of *function* does for an endpoint what *function* did."""
        unit, colours = copied(function), self._colours
        if unit.owner is not None or unit.outer is not None or unit.decorators or function.decorators:
            return False
        if function.outer not in (None, unit) or is_generator(function) or untouchable(colours, unit) is not None:
            return False
        if not self._has_legacy_session(function) or function in self._handing_on:
            return False
        if function in self._elsewhere or any(o.provider is function for o in colours.overrides.found):
            return False
        return function not in colours.overrides.read and len(unit.module.bindings.get(unit.name, ())) == 1

    def _has_legacy_session(self, function: FunctionFacts) -> bool:
        """Whether *function* is given a sync session, or what is: an AsyncSession is never the one of an endpoint that stays sync."""
        given = {id(i) for made in self._colours.injections.values() for i in made}
        return any(id(i) in given for i in self._colours.roots.injected(function))

    @cached_property
    def _handing_on(self) -> frozenset[FunctionFacts]:
        """The dependencies that give what is injected them a session."""
        return frozenset(
            i.provider for made in self._colours.injections.values() for i in made if i.provider is not None
        )

    @cached_property
    def _elsewhere(self) -> frozenset[FunctionFacts]:
        """The dependencies that are named where it is not known for which endpoints, with what those are injected."""
        roots = self._colours.roots
        injected = {i.call for made in roots.injections.values() for i in made}
        pending = [f for f, calls in roots.depends.items() if any(call not in injected for _, call in calls)]
        found = set(pending)
        while pending:
            for injection in roots.injections.get(pending.pop(), ()):
                if injection.provider is not None and injection.provider not in found:
                    found.add(injection.provider)
                    pending.append(injection.provider)
        return frozenset(found)

    def _can_be_named(self, injection: Injection, provider: FunctionFacts) -> bool:
        """Whether the parameter of *injection* can be given the sync version of *provider*."""
        function = injection.function
        if untouchable(self._colours, function) is not None or not injection.call.args:
            return False
        # ``Depends(require("admin"))``: what makes the dependency is copied.
        if isinstance(injection.call.args[0], ast.Call) is (copied(provider) is provider):
            return False
        return stands_in(injection) or is_named(injection) or self._can_be_spelt(injection)

    def _can_be_spelt(self, injection: Injection) -> bool:
        """Whether what an alias says can be written where its parameter stands: ``user: Annotated[User, Depends(current_user)]``."""
        said = annotated_with(injection)
        if injection.alias is None or said is None:
            return False
        value = self._colours.knowledge.static(injection.alias[0], said)
        return isinstance(value, Class) and self._colours.can_name(value.facts, injection.function.module)


def copied(function: FunctionFacts) -> FunctionFacts:
    """The function whose text is copied where *function* exists twice: that, or the one around it which makes it."""
    return (
        function.outer if function.outer is not None and not isinstance(function.outer.node, ast.Module) else function
    )


def stands_in(injection: Injection) -> bool:
    """Whether the ``Depends(...)`` of *injection* stands in the parameters of its function."""
    arguments = getattr(injection.function.node, "args", None)
    return isinstance(arguments, ast.arguments) and any(node is injection.call for node in walk(arguments))


def is_named(injection: Injection) -> bool:
    """Whether the parameter of *injection* names a ``Depends(...)`` that stands elsewhere: ``user: User = CurrentUser``."""
    return injection.alias is None and isinstance(
        default_of(injection.function, injection.parameter), (ast.Name, ast.Attribute)
    )


def annotated_with(injection: Injection) -> ast.expr | None:
    """What the alias of *injection* annotates: the ``User`` of ``CurrentUser = Annotated[User, Depends(current_user)]``."""
    if injection.alias is None:
        return None
    module, name = injection.alias
    match [b.node for b in module.bindings.get(name, ())]:
        case [ast.Subscript(slice=ast.Tuple(elts=[said, *_]))]:
            return said
    return None
