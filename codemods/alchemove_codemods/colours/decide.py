"""The colour of every function that talks to the database, decided once for the program.

It starts with everything between the endpoints and the sessions as coroutines and takes back what cannot be one, until
nothing changes: a coroutine needs callers that await it, a session that is asynchronous, and for each sync function it
runs a session to run it with. What is left is the largest set for which all of that holds.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from alchemove_codemods.analysis.knowledge import Knowledge
from alchemove_codemods.colours import layer
from alchemove_codemods.colours.crossings import is_generator, parents_of, plan
from alchemove_codemods.colours.cut import Cut
from alchemove_codemods.colours.forced import Forced, forced
from alchemove_codemods.colours.graph import Graph, Site
from alchemove_codemods.colours.holders import Edge, Holder, Holders
from alchemove_codemods.colours.lazy import loading
from alchemove_codemods.colours.methods import how
from alchemove_codemods.colours.readers import Readers
from alchemove_codemods.colours.responses import Response, Responses
from alchemove_codemods.colours.roots import Injection, Roots
from alchemove_codemods.colours.uses import Uses
from alchemove_codemods.colours.writes import Writes
from alchemove_codemods.facts import FunctionFacts, ModuleFacts, last_name
from alchemove_codemods.values import Component


@dataclass(frozen=True, slots=True)
class Sync:
    """Why a function stays sync: the declared ``reason``, what it is (``label``), and the caller that needs it so.

    ``via`` is the next function on the way to what forces it, None where the function itself is what forces.
    """

    reason: str
    label: str
    via: FunctionFacts | None = None


class Colours:
    """The decision.

    ``coroutines`` are the functions that become (or are) ``async def`` and await their session; ``sync`` says of each
    other function that talks to the database why it is none; ``asynchronous`` are the holders of an AsyncSession.
    """

    def __init__(
        self,
        knowledge: Knowledge,
        targets: frozenset[str] | None = None,
        broken: Mapping[ModuleFacts, str] | None = None,
    ) -> None:
        self.knowledge = knowledge
        self._targets = targets
        self._broken = broken or {}
        loaded = loading(knowledge)
        self._readers = Readers(knowledge, loaded)
        self.graph = Graph(knowledge, loaded, self._readers)
        self.roots = Roots(knowledge)
        self._parents: dict[ModuleFacts, Mapping[ast.AST, ast.AST]] = {}
        self.uses = Uses(knowledge, self.roots, self.parents)
        self.holders = Holders(self.graph)
        self.sync: dict[FunctionFacts, Sync] = {}
        self.layer = layer.find(knowledge.program)
        self.writes = Writes(self.graph)
        self.injected = {Holder("parameter", i.function, i.parameter.arg): i for i in self.roots.session_parameters()}
        self.graph.given |= {i.function for i in self.injected.values()}
        self.execs = self._execs()
        self._leave_others()
        self.responses = self._responses()
        self.coroutines = self._candidates()
        self.asynchronous: set[Holder] = set()
        self.needing = self._needing()
        self._solve()
        self._cut()
        self._solve()
        self.plans = {f: plan(self, f) for f in self.coroutines}
        self._prune()

    def is_root(self, function: FunctionFacts) -> bool:
        """Whether FastAPI calls *function*."""
        return function in self.roots.endpoints or function in self.roots.dependencies

    def chain(self, function: FunctionFacts) -> str:
        """What forces *function* to stay sync, from there to here: ``task send_digest → notify → load_user``."""
        names = [_name(function)]
        at = self.sync.get(function)
        seen = {function}
        while at is not None and at.via is not None and at.via not in seen:
            seen.add(at.via)
            names.append(_name(at.via))
            at = self.sync.get(at.via)
        if at is not None and at.label:
            names[-1] = at.label
        return " → ".join(reversed(names))

    def _leave_others(self) -> None:
        """Coroutines that have nothing to do with a sync session load what they load already."""
        reached = {i.function for i in self.injected.values()}
        changed = True
        while changed:
            before = len(reached)
            reached |= {f for f, made in self.roots.injections.items() if any(i.provider in reached for i in made)}
            reached |= {t for f in reached for s in self.graph.sites.get(f, ()) for t in s.targets}
            changed = len(reached) > before
        for function in self.graph.sites:
            if isinstance(function.node, ast.AsyncFunctionDef) and function not in reached:
                self.graph.forget(function, frozenset({"lazy", "property"}))
        self._requesting = reached

    def _execs(self) -> dict[ast.expr, str]:
        """The calls of SQLModel's ``exec`` that can be told from their statement: ``scalars`` or ``execute``."""
        found: dict[ast.expr, str] = {}
        for function, sites in self.graph.sites.items():
            for site in sites:
                if site.kind == "io" and site.name == "exec" and isinstance(site.node, ast.Call):
                    shape = self.writes.sources.shape(function, site.node.args[0] if site.node.args else None)
                    if shape is not None:
                        found[site.node] = shape
        return found

    @property
    def concerned(self) -> frozenset[FunctionFacts]:
        """The coroutines, and what they run with a session of theirs."""
        found = set(self.coroutines)
        pending = list(found)
        while pending:
            for site in self.graph.sites.get(pending.pop(), ()):
                fresh = [t for t in site.targets if t not in found and t in self.needing]
                found.update(fresh)
                pending += fresh
        return frozenset(found)

    def runs_unknown(self, functions: Iterable[FunctionFacts]) -> bool:
        """Whether one of *functions*, or what it calls, runs a statement by ``exec`` that could be scalar or not."""
        pending = list(functions)
        seen = set(pending)
        while pending:
            for site in self.graph.sites.get(pending.pop(), ()):
                if site.kind == "io" and site.name == "exec" and site.node not in self.execs:
                    return True
                fresh = [t for t in site.targets if t not in seen]
                seen.update(fresh)
                pending += fresh
        return False

    def _responses(self) -> dict[ast.expr, Response]:
        """The returned expressions that have to be turned into their response model, and into which."""
        found: dict[ast.expr, Response] = {}
        responses = Responses(self.knowledge, self._readers)
        for function, decorator in self.roots.endpoints.items():
            response = responses.of(function, decorator)
            if isinstance(function.node, ast.AsyncFunctionDef) and function not in self._requesting:
                continue
            for node in responses.returned(function) if response is not None else ():
                if response is not None and responses.loads(function, response, self.graph.value(function, node)):
                    found[node] = response
                    self.graph.add(Site("response", node, function))
        return found

    def _alias_users(self) -> Iterator[tuple[FunctionFacts, FunctionFacts]]:
        """Functions whose session comes by the same ``Annotated``, in pairs."""
        first: dict[object, FunctionFacts] = {}
        for injection in self.injected.values():
            if injection.alias is not None:
                key = (injection.alias[0].path, injection.alias[1])
                yield first.setdefault(key, injection.function), injection.function

    # candidates ----------------------------------------------------------------------------------------------------

    def _candidates(self) -> set[FunctionFacts]:
        talking = self.graph.talking
        reached = self._reached()
        found: set[FunctionFacts] = set()
        for function in talking:
            if (because := self._stays(function, reached)) is None:
                found.add(function)
            else:
                self.sync[function] = Sync(because.reason, because.label)
        return found

    def _untouchable(self, function: FunctionFacts) -> Forced | None:
        """Why the file or a comment in it keeps *function* as it is."""
        module = function.module
        if module in self._broken:
            return Forced("internal-error", self._broken[module])
        if self._targets is not None and module.path not in self._targets:
            return Forced("outside-paths", f"{_name(function)} in {module.path}")
        if {0, getattr(function.node, "lineno", 0)} & module.source.skipped:
            return Forced("skip-comment", _name(function))
        if self.layer is None and self.is_root(function) and function not in self._providers:
            return Forced("no-session-layer", _name(function))
        return None

    @cached_property
    def _providers(self) -> frozenset[FunctionFacts]:
        """The dependencies that make the session."""
        return frozenset(i.provider for i in self.injected.values() if i.provider is not None)

    @cached_property
    def _overridden(self) -> frozenset[FunctionFacts]:
        """The dependencies that tests replace, where they do not replace ``get_session`` as well."""
        found: set[FunctionFacts] = set()
        for path in self.knowledge.program.mentioning(b"dependency_overrides"):
            module = self.knowledge.program.module(path)
            for node in ast.walk(module.source.tree) if module is not None else ():
                if isinstance(node, ast.Subscript) and last_name(node.value) == "dependency_overrides":
                    provider = self.roots.callable(module, node.slice) if module is not None else None
                    if provider is not None:
                        found.add(provider)
                    elif last_name(node.slice) == (self.layer.names["get_session"] if self.layer else None):
                        return frozenset()
        return frozenset(found)

    def _leaves_writes(self, function: FunctionFacts) -> bool:
        """Whether a request that ends in the endpoint *function* may leave writes that nobody committed."""
        state = False
        seen: set[FunctionFacts] = set()

        def run(each: FunctionFacts) -> None:
            nonlocal state
            if each in seen or self._hands_out(each):
                return
            seen.add(each)
            for injection in self.roots.injections.get(each, ()):
                if injection.provider is not None:
                    run(injection.provider)
            state = self.writes.after(each, state)

        run(function)
        return state

    def _reached(self) -> set[FunctionFacts]:
        """What is called, through whatever, from endpoints, dependencies and coroutines."""
        pending = [f for f in self.graph.sites if self.is_root(f) or isinstance(f.node, ast.AsyncFunctionDef)]
        found = set(pending)
        while pending:
            for site in self.graph.sites.get(pending.pop(), ()):
                for target in site.targets:
                    if target not in found:
                        found.add(target)
                        pending.append(target)
        return found

    def _stays(self, function: FunctionFacts, reached: set[FunctionFacts]) -> Forced | None:
        if (because := self._untouchable(function) or forced(self.knowledge, function)) is not None:
            return because
        if function not in reached and not self._beside(function, reached):
            return Forced("not-reached", _name(function))
        if is_generator(function) and not self.is_root(function):
            return Forced("generator", f"generator {_name(function)}")
        for injection in self.roots.injections.get(function, ()):
            held = Holder("parameter", function, injection.parameter.arg)
            if held in self.injected and not self._replaceable(injection):
                return Forced("custom-dependency", _name(injection.provider or function))
            if held in self.injected and injection.provider in self._overridden:
                return Forced("overridden-dependency", _name(injection.provider or function))
        if function in self.roots.endpoints and self._leaves_writes(function):
            return Forced("uncommitted-write", _name(function))
        if self.uses.is_promised(function):
            return Forced("unfollowed-calls", _name(function))
        if not isinstance(function.node, ast.AsyncFunctionDef) and not self.uses.closed(function):
            return Forced("unfollowed-calls", _name(function))
        return None

    def _beside(self, function: FunctionFacts, reached: set[FunctionFacts]) -> bool:
        """Whether *function* is a method that nobody calls of a class whose other methods are reached."""
        return (
            function.owner is not None
            and not self.graph.callers.get(function)
            and any(
                method in reached and method in self.graph.talking
                for cls in self.knowledge.models.family(function.owner).classes
                for method in self.knowledge.methods(cls)
            )
        )

    # the solution --------------------------------------------------------------------------------------------------

    def _solve(self) -> None:
        steps: tuple[Callable[[], Iterator[tuple[FunctionFacts, Sync]]], ...] = (
            self._called_from_sync,
            self._families,
            self._deferred,
            self._sessions,
            self._requests,
            self._crossings,
        )
        changed = True
        while changed:
            changed = False
            self.asynchronous = self._flavours()
            for step in steps:
                for function, because in list(step()):
                    if function in self.coroutines:
                        self.coroutines.discard(function)
                        self.sync[function] = because
                        changed = True
                if changed:
                    break

    def _called_from_sync(self) -> Iterator[tuple[FunctionFacts, Sync]]:
        for function in self.coroutines:
            if isinstance(function.node, ast.AsyncFunctionDef):
                continue
            for site in self.graph.callers.get(function, ()):
                if site.function not in self.coroutines:
                    yield function, Sync(self._reason(site.function), "", site.function)
                    break

    def _reason(self, function: FunctionFacts) -> str:
        because = self.sync.get(function)
        return because.reason if because is not None else "not-reached"

    def _families(self) -> Iterator[tuple[FunctionFacts, Sync]]:
        """A method and what overrides it have one colour."""
        for function in self.coroutines:
            for member in self.knowledge.overriding(function):
                if member in self.sync:
                    yield function, Sync(self.sync[member].reason, "", member)
                    break

    def _deferred(self) -> Iterator[tuple[FunctionFacts, Sync]]:
        """What a lambda or a generator expression calls cannot be awaited there."""
        for function in self.coroutines:
            for site in self.graph.callers.get(function, ()):
                if site.deferred is not None or site.kind == "property":
                    yield function, Sync("deferred", f"deferred call in {_name(site.function)}", None)
                    break

    def _sessions(self) -> Iterator[tuple[FunctionFacts, Sync]]:
        """Functions that use one holder have one colour; a coroutine uses asynchronous ones only."""
        users: dict[Holder, list[tuple[FunctionFacts, Site]]] = {}
        for function, sites in self.graph.sites.items():
            for site in sites:
                if site.session is not None and site.kind == "io" and how(site.name) != "plain":
                    for holder in self.holders.of(function, site.session):
                        users.setdefault(holder, []).append((function, site))
        for holder, found in users.items():
            other = next((f for f, _ in found if f not in self.coroutines), None)
            for function, _ in found:
                if function not in self.coroutines:
                    continue
                if other is not None:
                    yield function, Sync(self._reason(other), "", other)
                elif holder not in self.asynchronous:
                    source = self._sync_source(holder)
                    yield function, Sync("sync-session", source, None)

    def _sync_source(self, holder: Holder) -> str:
        """Where the sync session of *holder* comes from."""
        seen = {holder}
        pending = [holder]
        while pending:
            at = pending.pop()
            for edge in self.holders.into.get(at, ()):
                if edge.source not in seen and edge.source not in self.asynchronous:
                    seen.add(edge.source)
                    pending.append(edge.source)
                if edge.source.where == "made":
                    line, _ = edge.function.module.source.place(edge.node)
                    return f"session made at {edge.function.module.path}:{line}"
            if at.where in ("made", "global"):
                return f"session {at.name or 'made here'}"
        return f"session {holder.name}"

    def _crossings(self) -> Iterator[tuple[FunctionFacts, Sync]]:
        """A coroutine that runs sync functions needs a session to run them with."""
        for function in self.coroutines:
            if (obstacle := plan(self, function).obstacle) is not None:
                reason, node = obstacle
                line, _ = function.module.source.place(node)
                because = Sync(reason, f"{_name(function)} ({function.module.path}:{line})")
                inside = self._called_at(function, node) if reason == "awaited-inside" else ()
                for target in inside or (function,):
                    yield target, because

    def _called_at(self, function: FunctionFacts, node: ast.AST) -> tuple[FunctionFacts, ...]:
        """The functions that the call *node* may reach, if they could stay sync."""
        for site in self.graph.sites.get(function, ()):
            if site.node is node and not any(isinstance(t.node, ast.AsyncFunctionDef) for t in site.targets):
                return site.targets
        return ()

    def _requests(self) -> Iterator[tuple[FunctionFacts, Sync]]:
        """The functions that share the session of a request have one colour."""
        tied: dict[FunctionFacts, Component] = {}
        for function, injections in self.roots.injections.items():
            for injection in injections:
                provider = injection.provider
                if provider in self._concerned and function in self._concerned and provider is not None:
                    first = tied.setdefault(function, Component())
                    first.unite(tied.setdefault(provider, Component()))
        for function, other in self._alias_users():
            tied.setdefault(function, Component()).unite(tied.setdefault(other, Component()))
        broken: dict[Component, FunctionFacts] = {}
        for function, component in tied.items():
            if function in self.sync and not self._hands_out(function):
                broken.setdefault(component.find(), function)
        for function, component in tied.items():
            culprit = broken.get(component.find())
            if culprit is not None and function in self.coroutines:
                yield function, Sync("shared-request", "", culprit)

    @cached_property
    def _concerned(self) -> frozenset[FunctionFacts]:
        """The functions that have to do with the request's session: by themselves, or by what they are injected."""
        found = {f for f in self.roots.injections if f in self.graph.talking}
        found |= {i.function for i in self.injected.values()}
        found |= {f for f in self.roots.dependencies if f in self.graph.talking}
        found -= {i.provider for i in self.injected.values() if i.provider is not None}
        changed = True
        while changed:
            changed = False
            for function, injections in self.roots.injections.items():
                if function not in found and any(i.provider in found for i in injections):
                    found.add(function)
                    changed = True
        return frozenset(found)

    def _hands_out(self, function: FunctionFacts) -> bool:
        """Whether *function* is the dependency that makes the session."""
        return function in self._providers

    def _cut(self) -> None:
        """Of the functions that could be either, those become sync that would cost more crossings than they save."""
        network = Cut()
        pinned: set[FunctionFacts] = set()
        for function in self.coroutines:
            if self.is_root(function) or isinstance(function.node, ast.AsyncFunctionDef):
                pinned.add(function)
            for site in self.graph.sites.get(function, ()):
                for target in site.targets:
                    if target in self.coroutines:
                        network.cost(function, target)
                        network.implies(target, function)
                    elif target in self.needing:
                        network.cost(function, target)
            for other in self.knowledge.overriding(function):
                network.implies(function, other)
        for group in self._sharing():
            for other in group[1:]:
                network.implies(group[0], other)
                network.implies(other, group[0])
        kept = network.sources_side(self.coroutines, pinned, set(self.sync))
        for function in [f for f in self.coroutines if f not in kept]:
            self.coroutines.discard(function)
            self.sync[function] = Sync("cheapest-boundary", "", self._below(function))

    def _below(self, function: FunctionFacts) -> FunctionFacts | None:
        """A sync function that *function* runs."""
        for site in self.graph.sites.get(function, ()):
            for target in site.targets:
                if target in self.sync and target in self.needing:
                    return target
        return None

    def _sharing(self) -> list[list[FunctionFacts]]:
        """The coroutines that use one holder, by holder."""
        users: dict[Holder, dict[FunctionFacts, None]] = {}
        for function in self.coroutines:
            for site in self.graph.sites.get(function, ()):
                if site.session is not None and site.kind == "io":
                    for holder in self.holders.of(function, site.session):
                        users.setdefault(holder, {})[function] = None
        return [list(found) for found in users.values() if len(found) > 1]

    def _needing(self) -> frozenset[FunctionFacts]:
        """The functions that work with a session, or with objects of one, that their callers hold."""
        found: set[FunctionFacts] = set()
        for function, sites in self.graph.sites.items():
            for site in sites:
                if site.kind in ("lazy", "query", "response") or (
                    site.session is not None
                    and any(not self._own(function, h) for h in self.holders.of(function, site.session))
                ):
                    found.add(function)
        pending = list(found)
        while pending:
            for site in self.graph.callers.get(pending.pop(), ()):
                caller = site.function
                if caller not in found and not any(
                    e.call is site.node and self._own(caller, e.source)
                    for t in site.targets
                    for p in t.parameters
                    for e in self.holders.into.get(Holder("parameter", t, p.arg), ())
                ):
                    found.add(caller)
                    pending.append(caller)
        return frozenset(found)

    def _own(self, function: FunctionFacts, holder: Holder) -> bool:
        """Whether *holder* is a session that *function* makes itself."""
        if holder.where == "made":
            return True
        return (
            holder.where == "variable"
            and holder.owner is function
            and all(e.source.where in ("made", "result") for e in self.holders.into.get(holder, ()))
        )

    # questions of the planner --------------------------------------------------------------------------------------

    def parents(self, module: ModuleFacts) -> Mapping[ast.AST, ast.AST]:
        """The parent of every node of *module*."""
        if module not in self._parents:
            self._parents[module] = parents_of(module.source.tree)
        return self._parents[module]

    def is_asynchronous(self, function: FunctionFacts, node: ast.expr) -> bool:
        """Whether the expression *node* is an AsyncSession after the stage."""
        return self.graph.is_session(function, node) and all(
            h in self.asynchronous for h in self.holders.of(function, node)
        )

    def can_be_given_a_session(self, function: FunctionFacts) -> bool:
        """Whether *function* may get one more parameter: only FastAPI calls it."""
        return (
            self.is_root(function)
            and not self.graph.callers.get(function)
            and self.layer is not None
            and self.layer.dependency is not None
        )

    def given_name(self, function: FunctionFacts) -> str:
        """The name for that parameter."""
        taken = {n.id for n in ast.walk(function.node) if isinstance(n, ast.Name)}
        taken |= {p.arg for p in function.parameters}
        return next(name for name in ("session", "db_session", "async_session", "session_") if name not in taken)

    # holders -------------------------------------------------------------------------------------------------------

    def _flavours(self) -> set[Holder]:
        """The holders that are fed by asynchronous sessions only."""
        used = self._used_by_sync()
        everything = {*self.holders.into, *self.holders.out, *self.injected}
        found = {h for h in everything if h not in used and self._may(h)}
        changed = True
        while changed:
            changed = False
            for holder in list(found):
                into = self.holders.into.get(holder, ())
                if holder not in self.injected and (not into or any(not self._feeds(e, found) for e in into)):
                    found.discard(holder)
                    changed = True
        return found

    def _used_by_sync(self) -> set[Holder]:
        """The holders whose session a sync function uses itself."""
        return {
            holder
            for function, sites in self.graph.sites.items()
            if function not in self.coroutines
            for site in sites
            if site.session is not None
            for holder in self.holders.of(function, site.session)
        }

    def _prune(self) -> None:
        """What only passes a session on to sync holders gets the sync session already."""
        awaiting = {
            holder
            for function in self.coroutines
            for site in self.graph.sites.get(function, ())
            if site.session is not None
            for holder in self.holders.of(function, site.session)
        }
        crossed = {(f, c.session) for f, p in self.plans.items() for c in p.crossings}
        changed = True
        while changed:
            changed = False
            for holder in list(self.asynchronous):
                owner = holder.owner
                if holder in self.injected or holder in awaiting or owner in self.coroutines:
                    continue
                if holder.where == "attribute" and any(s.endswith(f".{holder.name}") for _, s in crossed):
                    continue
                targets = [e.target in self.asynchronous for e in self.holders.out.get(holder, ())]
                if targets and not any(targets):
                    self.asynchronous.discard(holder)
                    changed = True

    def _may(self, holder: Holder) -> bool:
        if holder.where in ("made", "global"):
            return False
        owner = holder.owner
        if holder in self.injected:
            return self.convertible(self.injected[holder])
        return not isinstance(owner, FunctionFacts) or owner not in self.sync or owner.name == "__init__"

    def _feeds(self, edge: Edge, found: set[Holder]) -> bool:
        return edge.source in found

    def convertible(self, injection: Injection) -> bool:
        """Whether an injected session can be the request's AsyncSession."""
        if injection.function in self.graph.talking and injection.function not in self.coroutines:
            return False
        return self._replaceable(injection)

    def _replaceable(self, injection: Injection) -> bool:
        """Whether the dependency only opens, hands out and closes a session, and is called in the plain way."""
        plain = len(injection.call.args) == 1 and not injection.call.keywords
        return plain and layer.is_legacy(injection.provider)


def _name(function: FunctionFacts) -> str:
    return f"{function.owner.name}.{function.name}" if function.owner is not None else function.name
