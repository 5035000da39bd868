"""What becomes of each site in a coroutine: awaited, run with ``run_sync``, run in a thread, or in the way."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from alchemove_codemods.colours.afterwards import may_have_it, sessions_in
from alchemove_codemods.colours.comprehensions import becomes_a_list, waiting
from alchemove_codemods.colours.consumers import evaluated, exhausted, run_by
from alchemove_codemods.colours.generators import Kind, consumer, is_generator, managed
from alchemove_codemods.colours.holders import Holder
from alchemove_codemods.colours.methods import how
from alchemove_codemods.colours.named_reads import MATCHED
from alchemove_codemods.colours.plans import Afterwards, Assignment, Crossing, Plan, Validation
from alchemove_codemods.colours.site import BOUND, Site
from alchemove_codemods.colours.streaming import gone_through
from alchemove_codemods.colours.unfinished import first_statement, starts_a_line
from alchemove_codemods.facts import FunctionFacts
from alchemove_codemods.trees import children, walk
from alchemove_codemods.values import Instance, Value, parts

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours


def plan(colours: Colours, function: FunctionFacts, *, keeping: bool = False) -> Plan:
    """The plan for the coroutine *function*, with the colours as they are decided so far; *keeping* its sync session."""
    return _Planner(colours, function, keeping=keeping).made()


class _Planner:
    def __init__(self, colours: Colours, function: FunctionFacts, *, keeping: bool) -> None:
        self.colours = colours
        self.function = function
        self.keeping = keeping
        self.plan = Plan()
        self.returned: list[ast.expr] = []
        self.assigned: list[ast.Assign] = []
        self.crossed: dict[ast.expr, list[Site]] = {}
        self.parents = function.module.source.parents

    def made(self) -> Plan:
        """Sort the sites, then see what surrounds what."""
        for site in self.colours.graph.sites.get(self.function, ()):
            self._sort(site)
            if self.plan.obstacle is not None:
                return self.plan
        if (stale := self.colours.converted.obstacle(self.function)) is not None:
            self.plan.obstacle = ("stale-after-commit", stale)
            return self.plan
        outermost = self._outermost()
        inside = {n for e in outermost for n in walk(e) if n is not e}
        for call in [*self.plan.awaited, *self.plan.consumers]:
            if call in inside and not self._is_session_call(call):
                self.plan.obstacle = ("awaited-inside", call)
                return self.plan
        self.plan.awaited = [n for n in self.plan.awaited if n not in inside and n not in outermost]
        self.plan.threads = [n for n in self.plan.threads if n not in inside and n not in outermost]
        for node, sites in outermost.items():
            crossing = self._crossing(node, sites)
            if crossing is None:
                return self.plan
            if node in self.returned:
                crossing = replace(crossing, response=self.colours.responses[node])
            self.plan.crossings.append(crossing)
        for node in self.returned:
            if node not in outermost and not self._validate(node):
                return self.plan
        if not self._assignments():
            return self.plan
        awaits = [*self.plan.awaited, *self.plan.threads, *(c.node for c in self.plan.crossings)]
        asynchronous = [
            self.parents[c.node] for c in self.plan.consumers.values() if isinstance(c.node, ast.comprehension)
        ]
        generators = [n for n in asynchronous if isinstance(n, ast.GeneratorExp)]
        self.plan.listed = list(dict.fromkeys([*waiting(awaits, self.parents), *generators]))
        if self.function in self.colours.unfinished:
            self._discard()
        return self.plan

    def _discard(self) -> None:
        """What nobody commits goes on being dropped at the end of the request."""
        first = first_statement(self.function)
        if first is None:
            return
        if starts_a_line(self.function, first):
            self.plan.discards = self._session_for(first)
        else:
            self.plan.obstacle = ("uncommitted-write", first)

    def _assign(self, target: ast.Attribute) -> None:
        """Keep an assignment that loads what it replaces, if it can be a call."""
        match self.parents.get(target):
            case ast.Assign(targets=[_], value=ast.expr()) as statement if isinstance(target.value, ast.Name):
                self.assigned.append(statement)
            case _:
                self.plan.obstacle = ("lazy-assignment", target)

    def _assignments(self) -> bool:
        """Plan the assignments, once it is known what awaits."""
        for statement in self.assigned:
            session = None if self.keeping else self._session_for(statement)
            if session is None and not self.keeping:
                return False
            waiting = {*self.plan.awaited, *self.plan.threads, *(c.node for c in self.plan.crossings)}
            value = list(walk(statement.value))
            apart = _unmovable(statement.value) is not None or any(n in waiting for n in value) or _takes(value)
            self.plan.assignments.append(Assignment(statement, session, apart))
        return True

    def _validate(self, node: ast.expr) -> bool:
        session = self._session_for(node)
        if session is None:
            return False
        awaited = node in self.plan.awaited
        self.plan.awaited = [n for n in self.plan.awaited if n is not node]
        if node in self.plan.threads:
            self.plan.obstacle = ("response-model", node)
        waiting = {*self.plan.awaited, *self.plan.threads, *(c.node for c in self.plan.crossings)}
        inner = list(walk(node))
        apart = awaited or any(n in waiting or isinstance(n, ast.Await) for n in inner) or _takes(inner)
        self.plan.validations.append(Validation(node, session, self.colours.responses[node], apart, awaited))
        return True

    def _session_for(self, node: ast.AST) -> str | None:
        session = self._available(node)
        if session is None and self.colours.can_be_given_a_session(self.function):
            self.plan.wants_session = True
            return self.colours.given_name(self.function)
        if session is None:
            self.plan.obstacle = ("no-session", node)
        return session

    def _is_session_call(self, node: ast.Call) -> bool:
        return isinstance(node.func, ast.Attribute) and self.colours.graph.is_session(self.function, node.func.value)

    def _sort(self, site: Site) -> None:
        if site.settled:
            return
        if any(t in self.colours.converted.sticking and t not in self.colours.coroutines for t in site.targets):
            self.plan.obstacle = ("stale-after-commit", site.node)
            return
        if site.kind in ("lazy", "response", "property") and self.colours.converted.reloaded.is_stale(site):
            self.plan.obstacle = ("stale-after-commit", site.node)
            return
        if self.colours.reloading.is_needed(site) and (self.keeping or not self.colours.reloading.can(site)):
            self.plan.obstacle = ("read-after-rollback", site.node)
            return
        match site.kind:
            case "io":
                self._method(site)
            case "call":
                self._called(site)
            case "property":
                if any(t in self.colours.spilling for t in site.targets):
                    self.plan.obstacle = ("session-for-later", site.node)
                elif any(t in self.colours.graph.talking for t in site.targets):
                    self._cross(site)
            case "handed" if site.name == "kept":
                if not self._afterwards(site):
                    self.plan.obstacle = ("session-for-later", site.node)
            case "handed" if site.name == BOUND:
                self.plan.obstacle = ("implicit-call", site.node)
            case "handed" if site.name == "callback":
                self._called_back(site)
            case "handed" if isinstance(self.parents.get(site.node), ast.withitem):
                # It goes on to use the session where the block begins and ends.
                self.plan.obstacle = ("implicit-call", site.node)
            case "handed" | "query":
                self._cross(site)
            case "lazy" if isinstance(site.node, ast.Attribute) and site.node.attr in self.colours.graph.proxies:
                # What it stands for is loaded when something is done with it.
                self.plan.obstacle = ("implicit-call", site.node)
            case "lazy" if site.name == MATCHED:
                self.plan.obstacle = ("implicit-call", site.node)
            case "lazy":
                if isinstance(site.node, ast.Attribute) and not isinstance(site.node.ctx, ast.Load):
                    self._assign(site.node)
                else:
                    self._cross(site)
            case "response":
                if not self.colours.responses[site.node].repeatable:
                    self.plan.obstacle = ("response-model", site.node)
                self.returned.append(site.node)
            case "implicit":
                if any(t in self.colours.graph.talking for t in site.targets):
                    self.plan.obstacle = ("implicit-call", site.node)
            case "opened":
                self._opened(site)

    def _method(self, site: Site) -> None:
        assert isinstance(site.node, ast.Call)
        if site.name == "commit" and self.colours.behind.matters(site):
            if self.colours.behind.is_stale(site):
                self.plan.obstacle = ("stale-after-commit", site.node)
                return
            self.plan.expiring.append(site.node)
        elif site.node in self.colours.converted.expiring:
            self.plan.expiring.append(site.node)
        if how(site.name) in ("awaited", "exec") and self.colours.streaming.matters(site):
            self._stream(site, site.node)
            return
        match how(site.name):
            case "awaited" if self._can_await(site) and not self.keeping:
                self.plan.awaited.append(site.node)
            case "awaited" | "bridged":
                self._cross(site)
            case "exec":
                self._exec(site)
            case "kept":
                self.plan.obstacle = ("session-method", site.node)
            case "manager":
                item = self.parents.get(site.node)
                block = self.parents.get(item) if item is not None else None
                single = isinstance(item, ast.withitem) and isinstance(block, ast.With) and len(block.items) == 1
                if single and isinstance(block, ast.With) and not self.keeping:
                    self.plan.managers.append(block)
                else:
                    self.plan.obstacle = ("transaction-object", site.node)

    def _stream(self, site: Site, call: ast.Call) -> None:
        """A result in portions is gone through where it is made, with the sync session inside."""
        if (around := gone_through(self.parents, call)) is not None:
            self._cross(replace(site, node=around))
        else:
            self.plan.obstacle = ("server-side-cursor", call)

    def _opened(self, site: Site) -> None:
        """A block of the session layer becomes its async one."""
        block = self.colours.opened.blocks.get(site.node)
        if (
            block is None
            or self.keeping
            or self.colours.requests.hands_out(self.function)
            or any(Holder("variable", self.function, n) not in self.colours.asynchronous for n in block.names)
        ):
            self.plan.obstacle = ("sync-session", site.node)
        elif block not in self.plan.opened:
            self.plan.opened.append(block)

    def _exec(self, site: Site) -> None:
        """SQLModel's ``exec``: what it runs is known, or it is in the way."""
        assert isinstance(site.node, ast.Call)
        if site.node not in self.colours.execs:
            if self.colours.layer is not None and self.colours.layer.has_exec:
                self._cross(site)
                return
            self.plan.obstacle = ("unknown-select", site.node)
        elif self._can_await(site) and not self.keeping:
            self.plan.awaited.append(site.node)
        else:
            self._cross(site)

    def _can_await(self, site: Site) -> bool:
        return site.deferred is None or becomes_a_list(self.colours.graph, site)

    def _called(self, site: Site) -> None:
        assert isinstance(site.node, ast.Call)
        if any(t in self.colours.enclosed and isinstance(t.node, ast.AsyncFunctionDef) for t in site.targets):
            # It is awaited as before, and runs its code as a whole.
            return
        if any(t in self.colours.coroutines for t in site.targets):
            kind = self.colours.graph.generators.kind(site.targets[0])
            if kind is not None:
                self._go_through(site, kind)
            elif not isinstance(site.targets[0].node, ast.AsyncFunctionDef):
                self.plan.awaited.append(site.node)
            return
        talking = [t for t in site.targets if t in self.colours.graph.talking]
        asynchronous = [t for t in talking if isinstance(t.node, ast.AsyncFunctionDef)]
        if any(t in self.colours.needing and t not in self.colours.keeping for t in asynchronous):
            # It goes on using a sync session in the event loop, where that of an AsyncSession cannot be used.
            self.plan.obstacle = ("no-session", site.node)
            return
        if not talking or len(asynchronous) == len(talking):
            return
        if any(t in self.colours.spilling for t in talking):
            # On the other thread, or later, the session inside of an AsyncSession cannot be used.
            self.plan.obstacle = ("session-for-later", site.node)
        elif self.colours.runs_unknown(talking):
            self.plan.obstacle = ("unknown-select", site.node)
        elif any(is_generator(t) for t in talking):
            self._consume(site)
        elif any(t in self.colours.needing for t in talking):
            self._cross(site)
        elif not isinstance(self.function.node, ast.AsyncFunctionDef):
            if site.deferred is not None:
                self._cross(site)
            else:
                self.plan.threads.append(site.node)

    def _afterwards(self, site: Site) -> bool:
        """Whether the background task that *site* adds can have the session of the request to itself afterwards; it does."""
        call = site.node
        if self.keeping or site.deferred is not None or not isinstance(call, ast.Call):
            return False
        if not may_have_it(self.colours, self.function, call):
            return False
        session = self._session_for(call)
        if session is None:
            return False
        given = sessions_in(self.colours, self.function, call)
        self.plan.afterwards.append(Afterwards(call.args[0], session, given))
        return True

    def _called_back(self, site: Site) -> None:
        """What is given a function that works with a session runs it at once, or goes through what it gives."""
        assert isinstance(site.node, ast.Call)
        target = self.colours.knowledge.calls.get(site.node.func)
        reached = self.colours.graph.overriding(target) if target is not None else []
        if any(isinstance(t.node, ast.AsyncFunctionDef) or t in self.colours.coroutines for t in reached):
            self.plan.obstacle = ("session-for-later", site.node)
        elif site.deferred is not None:
            self._cross(site)
        elif (node := run_by(self.parents, site.node)) is not None:
            self._cross(replace(site, node=node))
        else:
            self.plan.obstacle = ("consumed-generator", site.node)

    def _go_through(self, site: Site, kind: Kind) -> None:
        found = consumer(self.colours.graph, site, kind)
        assert isinstance(site.node, ast.Call)
        graph, coroutines = self.colours.graph, self.colours.coroutines
        together = managed(found.node) if found is not None and isinstance(found.node, ast.With) else []
        if found is None or any(graph.manager(m) not in coroutines for m in together):
            self.plan.obstacle = ("consumed-generator", site.node)
        else:
            self.plan.consumers[site.node] = found

    def _consume(self, site: Site) -> None:
        """A sync generator is run together with what goes through it."""
        around = exhausted(self.parents, site.node) if isinstance(site.node, ast.expr) else None
        if around is not None:
            self._cross(replace(site, node=around))
        else:
            self.plan.obstacle = ("consumed-generator", site.node)

    def _cross(self, site: Site) -> None:
        node = site.node
        if site.deferred is not None:
            enclosing = evaluated(self.parents, site.deferred)
            if enclosing is None:
                lazy = isinstance(site.deferred, ast.GeneratorExp)
                self.plan.obstacle = ("consumed-generator" if lazy else "deferred-outside-call", site.node)
                return
            node = enclosing
        self.crossed.setdefault(node, []).append(site)

    def _outermost(self) -> dict[ast.expr, list[Site]]:
        found: dict[ast.expr, list[Site]] = {}
        for node, sites in self.crossed.items():
            at: ast.AST | None = node
            outer = node
            while at is not None and not isinstance(at, ast.stmt):
                if isinstance(at, ast.expr) and at in self.crossed:
                    outer = at
                at = self.parents.get(at)
            found.setdefault(outer, []).extend(sites)
        return found

    def _crossing(self, node: ast.expr, sites: list[Site]) -> Crossing | None:
        if (obstacle := _unmovable(node)) is not None:
            self.plan.obstacle = ("cannot-move", obstacle)
            return None
        if self.keeping:
            return Crossing(node, None, "", (), (), tuple(sites))
        sessions = self._sessions_in(node)
        session = ast.unparse(sessions[0]) if sessions else self._session_for(node)
        if session is None:
            return None
        if not sessions:
            return Crossing(node, session, _fresh("_", node), (), (), tuple(sites))
        parameter = session if session.isidentifier() else _fresh("session", node)
        same = tuple(s for s in sessions if ast.unparse(s) == session)
        return Crossing(node, session, parameter, same, tuple(s for s in sessions if s not in same), tuple(sites))

    def _sessions_in(self, node: ast.expr) -> list[ast.expr]:
        """The expressions in *node* that are an asynchronous session, outermost only, in order."""
        found: list[ast.expr] = []
        stack: list[ast.AST] = [node]
        while stack:
            here = stack.pop()
            if isinstance(here, (ast.Name, ast.Attribute)) and self.colours.is_asynchronous(self.function, here):
                found.append(here)
                continue
            stack += children(here)
        return sorted(found, key=lambda n: (n.lineno, n.col_offset))

    def _available(self, node: ast.AST) -> str | None:
        """An asynchronous session that can be written at *node*: one opened around it, a parameter, an attribute."""
        for opened in self.colours.opened.around(self.function.module, node):
            if Holder("variable", self.function, opened) in self.colours.asynchronous:
                return opened
        for parameter in self.function.parameters:
            if Holder("parameter", self.function, parameter.arg) in self.colours.asynchronous:
                return parameter.arg
        if self.function.is_method and self.function.parameters and self.function.owner is not None:
            own = self.function.parameters[0].arg
            if isinstance(next(iter(parts(self._value(self.function.parameters[0]))), None), Instance):
                family = set(self.colours.knowledge.models.family(self.function.owner).classes)
                names = sorted(
                    h.name for h in self.colours.asynchronous if h.where == "attribute" and h.owner in family
                )
                if names:
                    return f"{own}.{names[0]}"
        return None

    def _value(self, node: ast.AST) -> Value:
        return self.colours.graph.value(self.function, node)


def _unmovable(node: ast.expr) -> ast.AST | None:
    """What in *node* means something else inside a lambda."""
    for inner in walk(node):
        match inner:
            case ast.Await() | ast.Yield() | ast.YieldFrom() | ast.NamedExpr():
                return inner
            case ast.Call(func=ast.Name(id="super" | "locals"), args=[]):
                return inner
    return None


def _takes(nodes: Iterable[ast.AST]) -> bool:
    """Whether *nodes* have the name ``_``, which is the parameter of lambdas that do not need it."""
    return any(isinstance(n, ast.Name) and n.id == "_" for n in nodes)


def _fresh(name: str, node: ast.expr) -> str:
    taken = {n.id for n in walk(node) if isinstance(n, ast.Name)}
    while name in taken:
        name = f"{name}_"
    return name
