"""The colour of every function that talks to the database, decided once for the program.

It starts with everything between the endpoints and the sessions as coroutines and takes back what cannot be one, until
nothing changes: a coroutine needs callers that await it, a session that is asynchronous, and for each sync function it
runs a session to run it with. What is left is the largest set for which all of that holds.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from functools import cached_property

from alchemove_codemods.analysis.knowledge import Knowledge
from alchemove_codemods.colours import flavours, layer
from alchemove_codemods.colours.apart import Apart
from alchemove_codemods.colours.behind import Behind
from alchemove_codemods.colours.blocking import blocking
from alchemove_codemods.colours.boundary import beyond
from alchemove_codemods.colours.calculated import calculated
from alchemove_codemods.colours.candidates import candidates, from_roots, untouchable
from alchemove_codemods.colours.carried import Carried
from alchemove_codemods.colours.colour import Sync, named
from alchemove_codemods.colours.commits import Commits
from alchemove_codemods.colours.committing import Committing
from alchemove_codemods.colours.converted import Converted
from alchemove_codemods.colours.crossings import plan
from alchemove_codemods.colours.divided import Divided
from alchemove_codemods.colours.enclosed import Enclosed
from alchemove_codemods.colours.expiring import Expiring
from alchemove_codemods.colours.faked import Faked
from alchemove_codemods.colours.forgetting import Forgetting
from alchemove_codemods.colours.graph import Graph
from alchemove_codemods.colours.holders import Holder, Holders
from alchemove_codemods.colours.keeping import Keeping
from alchemove_codemods.colours.lazy import eager, loading, narrowed, specialised
from alchemove_codemods.colours.loads.eager import Loads
from alchemove_codemods.colours.needing import needing
from alchemove_codemods.colours.opened import Opened
from alchemove_codemods.colours.overrides import Overrides
from alchemove_codemods.colours.preloading import Preloading
from alchemove_codemods.colours.preparing import Preparing
from alchemove_codemods.colours.property_reads import PropertyReads
from alchemove_codemods.colours.protocols import Protocols
from alchemove_codemods.colours.providers import Providers
from alchemove_codemods.colours.readers import Readers
from alchemove_codemods.colours.reloading import Reloading
from alchemove_codemods.colours.request_state import RequestStates
from alchemove_codemods.colours.requests import Requests
from alchemove_codemods.colours.responses import Response, Responses
from alchemove_codemods.colours.roots import Injection, Roots
from alchemove_codemods.colours.sameness import Sameness
from alchemove_codemods.colours.site import Site
from alchemove_codemods.colours.streaming import Streaming
from alchemove_codemods.colours.takebacks import STEPS
from alchemove_codemods.colours.templates import Templates
from alchemove_codemods.colours.testing import Testing
from alchemove_codemods.colours.unfinished import given_by, unfinished
from alchemove_codemods.colours.uses import Uses
from alchemove_codemods.colours.watching import Watch
from alchemove_codemods.colours.writes import Writes
from alchemove_codemods.facts import ClassFacts, FunctionFacts, ModuleFacts
from alchemove_codemods.lazy_recording import Recorded
from alchemove_codemods.pinned_fastapi import responds_first
from alchemove_codemods.trees import walk


class Colours:
    """The decision.

    ``coroutines`` are the functions that become (or are) ``async def`` and await their session; ``sync`` says of each
    other function that talks to the database why it is none; ``enclosed`` are those that run as wholes inside ``run_sync``,
    which ``enclosures`` tells how; ``keeping`` are coroutines that go on with a sync session of their callers;
    ``asynchronous`` are the holders of an AsyncSession;
    ``moved`` are the blocking calls that run in a thread, if that was asked for; ``copying`` says that dependencies may be copied; ``dropping`` are functions that drop what
    the endpoints they serve leave uncommitted, each with its session; ``division`` tells what becomes of dependencies that an endpoint shares which stays sync. *recorded* are lazy loads that tests saw,
    *templates* the files that Jinja may render, by path, *fastapi* the version that the project pins,
    *first_pydantic* says that it is on pydantic 1.
    """

    def __init__(
        self,
        knowledge: Knowledge,
        targets: frozenset[str] | None = None,
        broken: Mapping[ModuleFacts, str] | None = None,
        *,
        to_thread: bool = False,
        copying: bool = False,
        recorded: Iterable[Recorded] = (),
        templates: Iterable[tuple[str, str]] = (),
        fastapi: tuple[int, int] | None = None,
        first_pydantic: bool = False,
    ) -> None:
        self.knowledge = knowledge
        self.targets = targets
        self.broken = broken or {}
        self.fastapi = fastapi
        self.copying = copying
        self._first_pydantic = first_pydantic
        left_out = narrowed(knowledge)
        special = specialised(knowledge)
        sql = calculated(knowledge)
        loaded = loading(knowledge, special, sql)
        loaded |= PropertyReads(knowledge, loaded, left_out | special.keys()).names()
        self.readers = Readers(knowledge, loaded | left_out, eager(knowledge))
        self.roots = Roots(knowledge)
        protocols = Protocols(knowledge, self.roots.endpoints)
        self.uses = Uses(knowledge, self.roots, protocols)
        seen = Templates(templates, loaded | left_out)
        self.graph = Graph(knowledge, loaded, left_out, special, self.readers, protocols, self.uses.wrapping, seen, sql)
        self.holders = Holders(self.graph)
        self.expiring = Expiring(self.graph)
        self.committing = Committing(self.graph)
        self.reloading = Reloading(self)
        self.layer = layer.find(knowledge.program)
        self.states = RequestStates(knowledge.program)
        routes_commit = fastapi is not None and responds_first(fastapi)
        self.sameness = Sameness(knowledge.program, self.layer, self.states)
        self.providers = Providers(
            knowledge.program, self.sameness.openers.objects, self.states, routes_commit=routes_commit
        )
        self.opened = Opened(self.graph, self.layer, self.uses)
        self.writes = Writes(self.graph)
        self.streaming = Streaming(self.graph)
        self.behind = Behind(self.graph, self.writes.sources, self.roots.dependencies, self.committing)
        self.injections: dict[Holder, list[Injection]] = {}
        for injection in self.roots.session_parameters():
            if injection.provider in self.roots.passing:
                self.holders.give(injection)
            else:
                self.injections.setdefault(self.holders.injected(injection), []).append(injection)
        self.injected = {held: made[0] for held, made in self.injections.items()}
        self.carried = Carried(self.graph, self.holders, self.injections)
        for site in self.carried.sites:
            self.graph.add(site)
        self.overrides = Overrides(knowledge, self.roots, self.graph, self.layer, self._hands_out_sessions)
        self.apart = Apart(self.roots, self.graph, self.holders, self.uses, self.sameness.openers, self.injections)
        self.preparing = Preparing(self.graph, self.roots, self.sameness.openers, lambda: self.requests.providers)
        self.divided = Divided(self)
        self.requests = Requests(
            *(self.roots, self.graph, self.holders, self.injections, self.apart, self.writes, self.divided.may_be)
        )
        self.graph.given |= {i.function for made in self.injections.values() for i in made}
        self.execs = self._execs()
        self._leave_others()
        self.modelled: set[FunctionFacts] = set()
        self.responses = self._responses()
        self.loads = Loads(self, from_roots(self), recorded)
        self.converted = Converted(self)
        self.testing = Testing(self)
        self.faked = Faked(self.graph, self.holders, self.overrides)
        self.enclosed = Enclosed(self)
        self.keeping = Keeping(self)
        self.coroutines, self.sync = candidates(self)
        self.asynchronous: set[Holder] = set()
        self.needing = needing(self.graph, self.holders)
        self.spilling = self.carried.spilling(self.needing)
        self._solve()
        self._take(list(beyond(self)))
        self._solve()
        self.sync.update(self.keeping.dropped())
        self.plans = {f: plan(self, f) for f in sorted(self.coroutines, key=lambda f: f.place)}
        self.plans |= {f: plan(self, f, keeping=True) for f in self.keeping.because}
        flavours.prune(self)
        self.enclosures = {f: self.enclosed.plan(f) for f in self.enclosed.because}
        self.division = self.requests.division(self.sync)
        self.dropping = given_by(self)
        self._end_of_requests()
        self.moved = [found for found in blocking(self) if found.movable] if to_thread else []

    def _hands_out_sessions(self, provider: FunctionFacts) -> bool:
        """Whether *provider* opens a session of a known factory, hands it out and closes it."""
        return self.providers.end(provider) is not None and self.sameness.opens(provider)

    def _end_of_requests(self) -> None:
        """Say of each commit whether the end of the request does as well."""
        commits = Commits(self)
        # What a test gives in the place of a session tells it of each commit.
        places = filter(None, (self.overrides.stand_in(provider) for provider in self.requests.providers))
        stood_in = next((f"{place} may give something else in the place of the session" for place in places), None)
        # A dependency that logs or answers errors is told of what a commit raises.
        told = next(
            (
                f"{named(p)} does something about errors"
                for p in self.requests.providers
                if (watched := self.watched(p)) is not None and watched.is_told
            ),
            None,
        )
        for function, made in self.plans.items():
            for site in self.graph.sites.get(function, ()):
                if site.kind == "io" and site.name == "commit" and site.node in made.awaited:
                    why = commits.kept(site) if site.node not in made.expiring else "expire_all() follows it"
                    why = why or stood_in or told
                    made.commits[site.node] = why

    def watched(self, provider: FunctionFacts | None) -> Watch | None:
        """How *provider* watches a session of the requests that is asynchronous."""
        if (found := self.providers.watch(provider)) is None:
            return None
        given = (h for h, made in self.injections.items() if any(i.provider is provider for i in made))
        return found if any(h in self.asynchronous for h in given) else None

    @cached_property
    def unfinished(self) -> frozenset[FunctionFacts]:
        """The endpoints whose session must not be committed at the end of the request."""
        return unfinished(self)

    @cached_property
    def writable(self) -> frozenset[ModuleFacts] | None:
        """The files that may be changed, None for all."""
        if self.targets is None and not self.broken:
            return None
        modules = self.knowledge.program.loaded()
        return frozenset(
            m for m in modules if (self.targets is None or m.path in self.targets) and m not in self.broken
        )

    def is_root(self, function: FunctionFacts) -> bool:
        """Whether FastAPI calls *function*."""
        return function in self.roots.endpoints or function in self.roots.dependencies

    def chain(self, function: FunctionFacts) -> str:
        """What forces *function* to stay sync, from there to here: ``task send_digest → notify → load_user``."""
        names = [named(function)]
        at = self.sync.get(function)
        seen = {function}
        while at is not None and at.via is not None and at.via not in seen:
            seen.add(at.via)
            names.append(named(at.via))
            at = self.sync.get(at.via)
        if at is not None and at.label:
            names[-1] = at.label
        return " → ".join(reversed(names))

    def _leave_others(self) -> None:
        """Coroutines that have nothing to do with a sync session load what they load already."""
        reached = {i.function for made in self.injections.values() for i in made} | self.opened.functions
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

    @cached_property
    def touched(self) -> frozenset[FunctionFacts]:
        """Once all is decided: the coroutines, and everything that they call in turn."""
        found = set(self.coroutines)
        pending = list(found)
        while pending:
            function = pending.pop()
            called = [t for s in self.graph.sites.get(function, ()) for t in s.targets]
            called += [i.provider for i in self.roots.injections.get(function, ()) if i.provider is not None]
            fresh = {t for t in called if t not in found}
            found |= fresh
            pending += fresh
        return frozenset(found)

    @cached_property
    def concerned(self) -> frozenset[FunctionFacts]:
        """Once all is decided: the coroutines, and what they run with a session of theirs."""
        found = {*self.coroutines, *self.enclosed.because, *self.keeping.because}
        pending = list(found)
        while pending:
            for site in self.graph.sites.get(pending.pop(), ()):
                fresh = [t for t in site.targets if t not in found and t in self.needing]
                found.update(fresh)
                pending += fresh
        return frozenset(found)

    def runs_unknown(self, functions: Iterable[FunctionFacts]) -> bool:
        """Whether one of *functions*, or what it calls, runs a statement by ``exec`` that could be scalar or not."""
        if self.layer is not None and self.layer.has_exec:
            return False
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
        responses = Responses(self.knowledge, self.readers, first_pydantic=self._first_pydantic)
        preloading = Preloading(self.graph, self.readers)
        self.forgetting = Forgetting(self, responses, preloading)
        for function, decorator in self.roots.endpoints.items():
            response = responses.of(function, decorator)
            if response is not None:
                self.modelled.add(function)
            if isinstance(function.node, ast.AsyncFunctionDef) and function not in self._requesting:
                continue
            for node in responses.returned(function) if response is not None else ():
                if response is not None and responses.loads(function, response, self.graph.value(function, node)):
                    found[node] = preloading.repeated(function, response, node)
                    self.graph.add(Site("response", node, function))
        return found

    def _solve(self) -> None:
        """Take candidates back until none has to be."""
        changed = True
        while changed:
            self.asynchronous = flavours.asynchronous(self)
            if self.enclosed.add_all(flavours.unfollowed(self)):
                self.asynchronous = flavours.asynchronous(self)
            changed = any(self._take(list(step(self))) for step in STEPS)

    def _take(self, taken: Iterable[tuple[FunctionFacts, Sync]]) -> bool:
        """Whether one of the functions *taken* was a candidate; it is none any more."""
        found = False
        # The first of several reasons counts: what a function becomes by it is not taken back by the next one.
        first: dict[FunctionFacts, Sync] = {}
        for function, because in taken:
            first.setdefault(function, because)
        # In the order of the text: a set of candidates has another one in every run.
        for function, because in sorted(first.items(), key=lambda item: item[0].place):
            if function in self.coroutines:
                self.coroutines.discard(function)
                if not self.enclosed.add(function, because) and not self.keeping.add(function, because):
                    self.sync[function] = because
                found = True
            elif function in self.keeping:
                del self.keeping.because[function]
                self.sync[function] = because
                found = True
            elif function in self.enclosed:
                del self.enclosed.because[function]
                if function in self.graph.talking:
                    self.sync[function] = because
                found = True
            elif function in self.roots.endpoints and function not in self.sync:
                # It does nothing with its session itself, and has to have a sync one all the same.
                self.sync[function] = because
                found = True
        return found

    def is_asynchronous(self, function: FunctionFacts, node: ast.expr) -> bool:
        """Whether the expression *node* is an AsyncSession after the stage."""
        return self.graph.is_session(function, node) and all(
            h in self.asynchronous for h in self.holders.of(function, node)
        )

    def editable(self, function: FunctionFacts) -> bool:
        """Whether the statements in *function* may be changed."""
        return untouchable(self, function) is None

    def can_name(self, cls: ClassFacts, module: ModuleFacts) -> bool:
        """Whether *module* can name *cls*, if need be by an import that closes no circle."""
        if cls.outer is not None:
            return False
        if cls.module is module:
            return True
        program = self.knowledge.program
        bound = any(program.origin(module, local) == (cls.module.path, cls.name) for local in module.bindings)
        return bound or module.path not in program.graph.reached(cls.module.path)

    def can_be_given_a_session(self, function: FunctionFacts) -> bool:
        """Whether *function* may get one more parameter: only FastAPI calls it."""
        return (
            self.is_root(function)
            and flavours.can_import_sessions(self, function.module)
            and self.requests.has_a_session(function, self.asynchronous)
            and all(s.function in self.uses.wrapping.wrappers for s in self.graph.callers.get(function, ()))
            and self.layer is not None
            and self.layer.dependency is not None
            # Tests would have to override what it is given, too.
            and not any(self.providers.watch(o.provider) for o in self.overrides.found)
        )

    def given_name(self, function: FunctionFacts) -> str:
        """The name for that parameter."""
        taken = {n.id for n in walk(function.node) if isinstance(n, ast.Name)}
        taken |= {p.arg for p in function.parameters}
        return next(name for name in ("session", "db_session", "async_session", "session_") if name not in taken)
