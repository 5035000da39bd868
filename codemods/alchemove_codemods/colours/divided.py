"""Dependencies that a sync endpoint shares with others: the function they are stays sync, and a coroutine runs it for all others.

What FastAPI injects into one request shares its session, so an endpoint that has to stay sync needs all of it on the legacy session.
It is given ``sync_get_current_user``, which holds the code; ``get_current_user`` becomes a coroutine that runs that inside ``run_sync``,
and ties no other endpoint. What calls ``get_current_user`` calls ``sync_get_current_user`` from then on. So it is with an endpoint that sync code
calls. Where it awaits, that is not possible. If copies are asked for, it becomes a coroutine as any other then, and
``sync_get_current_user`` is a copy of what it was.
"""

from __future__ import annotations

import ast
from functools import cached_property
from typing import TYPE_CHECKING

from alchemove_codemods.colours.candidates import untouchable
from alchemove_codemods.colours.contexts import may_set_a_context
from alchemove_codemods.colours.generators import is_generator
from alchemove_codemods.colours.holders import Edge, Holder
from alchemove_codemods.colours.renaming import Renaming
from alchemove_codemods.colours.roots import Injection, default_of
from alchemove_codemods.colours.site import Site
from alchemove_codemods.colours.unfinished import has_a_block
from alchemove_codemods.colours.versions import is_plain, kept, stands_in, unit_of
from alchemove_codemods.facts import ClassFacts, FunctionFacts, ModuleFacts, last_name
from alchemove_codemods.values import Class, Function

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours


class Divided:
    """Which dependencies may have a sync version, as far as they are decided."""

    def __init__(self, colours: Colours) -> None:
        self._colours = colours
        self._renaming = Renaming(colours)
        self._refused: set[FunctionFacts] = set()
        self._known: dict[FunctionFacts, bool] = {}
        self._copied: dict[FunctionFacts, bool] = {}

    def may_be(self, injection: Injection) -> bool:
        """Whether what *injection* injects may have a sync version, and the parameter it is for be given that."""
        provider = injection.provider
        if provider is None or provider in self._refused or injection.owner is not None:
            return False
        if injection.besides or injection.held or provider in self._colours.roots.passing:
            return False  # what runs as a whole would give the sync session
        if provider not in self._known:
            self._known[provider] = self._can_be_divided(provider)
        return self._known[provider] and self._can_be_named(injection, provider)

    def holds(self, function: FunctionFacts | None) -> bool:
        """Whether *function* stands in the code of a dependency that has a sync version, which is given the sync session."""
        while function is not None and function not in self._colours.division.divided:
            function = function.outer
        return function is not None and not self.is_copied(function)

    def is_copied(self, function: FunctionFacts) -> bool:
        """Whether the sync version of *function*, which becomes a coroutine, is a copy: it cannot run as a whole."""
        if function not in self._copied:
            colours = self._colours
            can_be = colours.copying and function in colours.coroutines and isinstance(unit_of(function), FunctionFacts)
            alone = not any(
                f.is_inside(function) for f in function.module.functions.values() if f in colours.graph.talking
            )
            called = {t for s in colours.graph.sites.get(function, ()) for t in s.targets}
            can_be = can_be and alone and function not in called
            moves = not colours.graph.callers.get(function) and colours.enclosed.is_only_moved(function)
            self._copied[function] = can_be and not moves
        return self._copied[function]

    @property
    def called(self) -> dict[FunctionFacts, FunctionFacts]:
        """What is called besides: the dependencies of which sync functions call a copy, and what runs its code, each with one that calls that."""
        colours = self._colours
        found = {
            f: colours.graph.callers[f][0].function for f in colours.enclosed.because if colours.graph.callers.get(f)
        }
        for function in colours.roots.dependencies:
            for site in colours.graph.callers.get(function, ()) if function in colours.coroutines else ():
                if site.function not in colours.coroutines and self.calls_copy(site, function):
                    found.setdefault(function, site.function)
        return found

    @property
    def moved(self) -> frozenset[FunctionFacts]:
        """The functions that run as wholes under another name, for sync endpoints or for what calls them."""
        colours = self._colours
        return frozenset(
            f for f in colours.enclosed.because if f in colours.division.divided or colours.graph.callers.get(f)
        )

    def calls_version(self, site: Site, function: FunctionFacts) -> bool:
        """Whether *site*, a call of *function*, calls its sync version from now on: the code that moved there, or a copy."""
        colours = self._colours
        stays = site.function not in colours.coroutines
        if function in colours.enclosed:
            return stays or isinstance(function.node, ast.FunctionDef)
        return stays and self.calls_copy(site, function)

    def can_be_split(self, function: FunctionFacts) -> bool:
        """Whether everything that calls *function*, which FastAPI calls as well, can call the code of it under another name."""
        if function in self._refused or function in self._handing_on:
            return False
        return self._renaming.can_be_split(function)

    def calls_copy(self, site: Site, function: FunctionFacts) -> bool:
        """Whether *site*, which is in a sync function, can call a copy of the dependency *function*."""
        colours = self._colours
        if function not in colours.roots.dependencies or function in self._refused:
            return False
        if (
            unit_of(function) is not function
            or not self._has_code(function)
            or not self._renaming.can_be(site, function)
        ):
            return False
        return self.is_copied(function)

    def called_by_copy(self, function: FunctionFacts) -> list[FunctionFacts]:
        """What the copy of *function* calls, as far as that may not become a coroutine: nothing awaits it there, or it is given a sync session."""
        colours = self._colours
        called = dict.fromkeys(t for s in colours.graph.sites.get(function, ()) for t in s.targets)
        return [t for t in called if t in colours.coroutines and self._has_to_stay(t)]

    def _has_to_stay(self, function: FunctionFacts) -> bool:
        """Whether *function*, which a copy calls, is no coroutine yet, or can keep a sync session."""
        return not isinstance(function.node, ast.AsyncFunctionDef) or self._colours.keeping.can(function)

    def refuse(self, function: FunctionFacts) -> None:
        """Have *function* no sync version, from now on."""
        self._refused.add(function)

    def strays(self, function: FunctionFacts) -> list[FunctionFacts]:
        """The endpoints that are given what *function* gives and have a sync session, though nothing that they do needs one."""
        colours = self._colours
        broken = colours.requests.division(colours.sync).broken
        return [
            f
            for f in colours.requests.given(function)
            if f in colours.roots.endpoints and f not in broken and f not in colours.sync
            if f not in colours.coroutines and f not in colours.enclosed
            if any(
                held in colours.injections and held not in colours.asynchronous
                for held in map(colours.holders.injected, colours.roots.injections.get(f, ()))
            )
        ]

    def is_mixed(self, function: FunctionFacts) -> bool:
        """Whether *function*, or what is given it, has no asynchronous session, or its sync version would give a sync one to something that has one."""
        colours = self._colours
        division = colours.requests.division(colours.sync)
        concerned = colours.requests.concerned
        given = (f for f in colours.requests.given(function) if f in concerned and f not in division.broken)
        injected = (colours.holders.injected(i) for f in given for i in colours.roots.injections.get(f, ()))
        if any(h in colours.injections and h not in colours.asynchronous for h in injected):
            return True
        nested = [f for f in function.module.functions.values() if f.is_inside(function)]
        if any(f in colours.coroutines or f in colours.keeping for f in nested):
            return True
        inside = [function, *nested]
        edges = (e for e in colours.holders.edges if e.function in inside and not self._goes_to_copy(e))
        reached = {e.target for e in edges} & colours.asynchronous
        pending = list(reached)
        while pending:
            holder = pending.pop()
            if holder.owner not in inside and self._is_awaited(holder):
                return True
            fresh = {e.target for e in colours.holders.out.get(holder, ())} & colours.asynchronous - reached
            reached |= fresh
            pending += fresh
        return any(self._awaits(s) for f in inside for s in colours.graph.sites.get(f, ()))

    def _goes_to_copy(self, edge: Edge) -> bool:
        """Whether the session that *edge* hands over is given to the copy of a dependency, which takes a sync one."""
        target, colours = edge.target.owner, self._colours
        if not isinstance(target, FunctionFacts) or edge.function in colours.coroutines:
            return False
        sites = (s for s in colours.graph.callers.get(target, ()) if s.node is edge.call)
        return target in colours.coroutines and any(self.calls_copy(s, target) for s in sites)

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

    def _can_be_divided(self, function: FunctionFacts) -> bool:
        """Whether another function can hold the code of *function*."""
        if not self._has_code(function) or not self._has_legacy_session(function) or function in self._elsewhere:
            return False
        return self._can_be_overridden(function)

    def _has_code(self, function: FunctionFacts) -> bool:
        """Whether the code of *function* may stand in another function as well."""
        unit = unit_of(function)
        if unit.outer is not None or function.decorators or is_generator(function) or not has_a_block(function):
            return False
        can_be = self._can_be_derived if isinstance(unit, ClassFacts) else self._can_be_moved
        if not can_be(unit, function):  # type: ignore[arg-type]
            return False
        if untouchable(self._colours, function) is not None or function in self._handing_on:
            return False
        return len(unit.module.bindings.get(unit.name, ())) == 1

    def _can_be_moved(self, unit: FunctionFacts, function: FunctionFacts) -> bool:
        """Whether the code of *function* can stand in another function, made by another *unit* if that makes it."""
        if unit.owner is not None or unit.decorators or not has_a_block(unit) or _sets_a_context(function):
            return False
        return unit is function or _only_makes(unit, function)

    def _can_be_derived(self, unit: ClassFacts, function: FunctionFacts) -> bool:
        """Whether a class derived from *unit* can have its objects given something else when FastAPI calls them, and nothing more."""
        colours = self._colours
        if unit.node.bases or unit.node.keywords or any(last_name(d) != "dataclass" for d in unit.node.decorator_list):
            return False
        if "__init_subclass__" in unit.members or "__new__" in unit.members:
            return False
        # It has no session itself, and loads nothing: what it does is the same with either.
        given = {id(i) for made in colours.injections.values() for i in made}
        if function in colours.graph.talking or any(id(i) in given for i in colours.roots.injections.get(function, ())):
            return False
        return colours.graph.overriding(function) == [function] and not colours.graph.callers.get(function)

    def _can_be_overridden(self, function: FunctionFacts) -> bool:
        """Whether what overrides *function* can override its sync version as well."""
        writable = self._colours.writable
        return all(
            override.known and unit_of(function) is function and (writable is None or override.module in writable)
            for override in self._colours.overrides.found
            if override.provider is function
        )

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
        unknown = {
            function: left
            for function, calls in roots.depends.items()
            if (left := [(m, c) for m, c in calls if c not in injected and not self._is_idle(m, c)])
        }
        # What only hands on what it is given is followed to those that it hands it to.
        modules = {module for left in unknown.values() for module, _ in left}
        functions = [f for m in modules for f in m.functions.values() if roots.hands_on(f)]
        handing = {i.call for f in functions for i in roots.injected_into(f)}
        pending = [f for f, left in unknown.items() if any(call not in handing for _, call in left)]
        found = set(pending)
        while pending:
            for injection in roots.injections.get(pending.pop(), ()):
                if injection.provider is not None and injection.provider not in found:
                    found.add(injection.provider)
                    pending.append(injection.provider)
        return frozenset(found)

    def _is_idle(self, module: ModuleFacts, call: ast.Call) -> bool:
        """Whether *call*, a ``Depends(...)``, is what a variable of *module* holds that nothing reads."""
        match module.source.parents.get(call):
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if value is call:
                read = any(n.id == name and isinstance(n.ctx, ast.Load) for n in module.source.of_kind(ast.Name))
                return not read and list(self._colours.knowledge.program.naming(name)) == [module.path]
        return False

    def _can_be_named(self, injection: Injection, provider: FunctionFacts) -> bool:
        """Whether the parameter of *injection* can be given the sync version of *provider*."""
        if untouchable(self._colours, injection.function) is not None or not injection.call.args:
            return False
        given = injection.call.args[0]
        if unit_of(provider) is provider:
            plain = not isinstance(given, ast.Call)
            return plain and (stands_in(injection) or is_named(injection) or self._can_be_spelt(injection))
        # ``Depends(require("admin"))`` names what makes the dependency, unless a global keeps that.
        if isinstance(given, ast.Call) and stands_in(injection):
            return True
        held, writable = kept(self._colours.knowledge.program, injection), self._colours.writable
        if held is None or not is_plain(held.made) or (writable is not None and held.module not in writable):
            return False
        if self._made_by(held.module, held.made) is not unit_of(provider):
            return False
        return isinstance(given, ast.Call) or stands_in(injection) or self._can_be_spelt(injection)

    def _made_by(self, module: ModuleFacts, call: ast.Call) -> FunctionFacts | ClassFacts | None:
        """The function or class of the program that *call* in *module* calls."""
        value = self._colours.knowledge.static(module, call.func)
        return value.facts if isinstance(value, (Class, Function)) else None

    def _can_be_spelt(self, injection: Injection) -> bool:
        """Whether what an alias says can be written where its parameter stands: ``user: Annotated[User, Depends(current_user)]``."""
        said = annotated_with(injection)
        if injection.alias is None or said is None:
            return False
        value = self._colours.knowledge.static(injection.alias[0], said)
        return isinstance(value, Class) and self._colours.can_name(value.facts, injection.function.module)


def _only_makes(maker: FunctionFacts, function: FunctionFacts) -> bool:
    """Whether *maker* ends with the definition of *function*, and returns that."""
    match getattr(maker.node, "body", None):
        case [*_, ast.AST() as defined, ast.Return(value=ast.Name(id=name))]:
            known = isinstance(maker.node, ast.FunctionDef) and not is_generator(maker)
            return known and defined is function.node and name == function.name
    return False


def _sets_a_context(function: FunctionFacts) -> bool:
    """Whether *function* may set a context variable, which is lost where its code runs in a thread."""
    return isinstance(function.node, ast.AsyncFunctionDef) and may_set_a_context(function.node)


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
