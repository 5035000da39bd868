"""Sessions that leave a request inside something else: a bound method, a closure, an object that has one as an attribute.

    background_tasks.add_task(notifier.send, name)         Thread(target=notifier.send)         pool.map(service.load, ids)

What runs later, or on another thread, cannot use the session of an AsyncSession: that is closed by then, and nothing awaits
its database there. What a library calls at once, as a key function, is run with the call.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator

from alchemove_codemods.analysis.models import Models
from alchemove_codemods.colours.bound import LATER
from alchemove_codemods.colours.cut_short import cut_short
from alchemove_codemods.colours.graph import Graph
from alchemove_codemods.colours.holders import Holder, Holders
from alchemove_codemods.colours.lazy import getter
from alchemove_codemods.colours.methods import how
from alchemove_codemods.colours.site import Site
from alchemove_codemods.colours.tasks import GATHERING, unawaited
from alchemove_codemods.facts import ClassFacts, FunctionFacts, last_name
from alchemove_codemods.trees import walk
from alchemove_codemods.values import External, Function, Instance, Plain, Rows, Session, Value, parts

_AWAY = frozenset(
    {
        *("add_task", "BackgroundTask", "submit", "Thread", "Timer", "Process", "run_in_executor", "run_in_threadpool"),
        *("to_thread", "create_task", "ensure_future", "run_coroutine_threadsafe", "add_job", "call_soon"),
        *("call_later", "call_at", "call_soon_threadsafe", "start_soon", "start_new_thread"),
        *("map_async", "apply_async"),
    }
)
"""What runs its arguments later, or on another thread."""
_HARMLESS = frozenset({"dict", "list", "tuple", "set", "setattr", "gather", "delay"})
"""Names of :data:`LATER` that keep a session in a container, or what Celery sends elsewhere as data."""
_TASKS = frozenset({"add_task", "BackgroundTask"})
_WORKING = frozenset({"io", "query", "handed"})
_REGISTERING = frozenset(
    {
        *("Depends", "Security", "add_api_route", "add_api_websocket_route", "add_route", "add_event_handler"),
        *("add_exception_handler", "include_router", "add_middleware", "isinstance", "callable", "getattr", "hasattr"),
    }
)


class Carried:
    """What carries a session of a request, and where it is handed to what runs later.

    ``sites`` are the calls that were found; ``spilling`` the functions that hand a session of their callers to another
    thread, or to something later, themselves or by what they call: *needing* are those that work with one of their callers.
    """

    def __init__(self, graph: Graph, holders: Holders, injected: Iterable[Holder]) -> None:
        self._graph = graph
        self._holders = holders
        self._flow = holders.reached(injected)
        self._having = {h.owner for h in self._flow if h.where == "attribute"}
        self._carrying: dict[ClassFacts, bool] = {}
        self._using: dict[FunctionFacts, bool] = {}
        self.sites = list(self._found()) if self._flow else []

    def spilling(self, needing: Collection[FunctionFacts]) -> frozenset[FunctionFacts]:
        """The functions among *needing* that take a session of their callers to another thread, or keep it for later."""
        found = {
            function
            for function, sites in self._graph.sites.items()
            for s in sites
            if function in needing and s.kind == "handed" and s.name == "kept" and isinstance(s.node, ast.Call)
            if _goes_away(s.node)
            and (s.session is None or self._flow.intersection(self._holders.of(function, s.session)))
        }
        pending = list(found)
        while pending:
            for site in self._graph.callers.get(pending.pop(), ()):
                if site.function in needing and site.function not in found:
                    found.add(site.function)
                    pending.append(site.function)
        return frozenset(found)

    def _found(self) -> Iterator[Site]:
        for function, call, deferred in self._graph.unknown_calls:
            arguments = [*call.args, *(k.value for k in call.keywords)]
            if _keeps(call, self._graph.value(function, call.func)):
                if any(self._carries_away(function, a) for a in arguments) or (
                    last_name(call.func) in _TASKS and self._loads_later(function, arguments)
                ):
                    yield Site("handed", call, function, "kept", None, (), deferred)
            elif (last_name(call.func) in GATHERING and self._is_shared(function)) or self._is_cut_short(
                function, call
            ):
                yield Site("handed", call, function, "kept", None, (), deferred)
            elif last_name(call.func) not in _REGISTERING and any(self._is_callback(function, a) for a in arguments):
                yield Site("handed", call, function, "callback", None, (), deferred)
        for function, sites in self._graph.sites.items():
            for site in sites:
                if site.kind == "call" and isinstance(site.node, ast.Call):
                    arguments = [*site.node.args, *(k.value for k in site.node.keywords)]
                    if any(self._is_callback(function, a) for a in arguments):
                        yield Site("handed", site.node, function, "callback", None, (), site.deferred)

    def _loads_later(self, function: FunctionFacts, arguments: list[ast.expr]) -> bool:
        """Whether a task reads relationships of an object it is given: the session of the request loads them for it.

        FastAPI ends a dependency after the tasks, but for 0.106 to 0.117.
        """
        values = [p for a in arguments for p in parts(self._graph.value(function, a))]
        of = [v.of if isinstance(v, (Rows, Plain)) else v for v in values]
        given = [p.cls for v in of if v is not None for p in parts(v) if isinstance(p, Instance)]
        models = self._graph.knowledge.models
        classes = [c for c in given if isinstance(c, ClassFacts) and models.is_mapped(c)]
        runs = [v.facts for v in values if isinstance(v, Function)] if classes else []
        for each in self._graph.reached(runs):
            for site in self._graph.sites.get(each, ()):
                if site.kind == "lazy" and any(_is_related(models, c, site.name) for c in classes):
                    return True
        return False

    def _is_shared(self, function: FunctionFacts) -> bool:
        """Whether several of the coroutines that *function* lets run at the same time use a session of the request.

        A sync session does what it is asked before the next coroutine goes on.
        """
        using = (repeated for call, repeated in unawaited(self._graph, function) if self._is_used_by(function, call))
        return sum(2 if repeated else 1 for repeated in using) > 1

    def _is_cut_short(self, function: FunctionFacts, call: ast.Call) -> bool:
        """Whether *call* may leave a session of the request in the middle of a statement, and *function* goes on then."""
        within = {node for each in cut_short(function, call) for node in walk(each)}
        for site in self._graph.sites.get(function, ()) if within else ():
            if site.node in within and (self._is_asked(function, site) or self._is_used_by(function, site.node)):
                return True
        return False

    def _is_asked(self, function: FunctionFacts, site: Site) -> bool:
        """Whether *site* asks the database something with a session of the request."""
        if site.kind != "io" or site.session is None or how(site.name) == "plain":
            return False
        return not self._flow.isdisjoint(self._holders.of(function, site.session))

    def _is_used_by(self, function: FunctionFacts, call: ast.expr) -> bool:
        """Whether what *call* calls does something with a session of the request."""
        target = self._graph.knowledge.calls.get(call.func) if isinstance(call, ast.Call) else None
        if target is None or not isinstance(call, ast.Call) or not self._works(target):
            return False
        given = [*call.args, *(k.value for k in call.keywords)]
        return self._uses(target) or any(self._is_used(function, g) for g in given)

    def _works(self, function: FunctionFacts) -> bool:
        """Whether *function*, or what it calls, does something with a session."""
        return any(s.kind in _WORKING for f in self._graph.reached([function]) for s in self._graph.sites.get(f, ()))

    def _is_callback(self, function: FunctionFacts, node: ast.expr) -> bool:
        """Whether *node* is a function or method of the program that works with a session of the request."""
        if not isinstance(node, (ast.Name, ast.Attribute)):
            return False
        return any(self._uses(p.facts) for p in parts(self._graph.value(function, node)) if isinstance(p, Function))

    def _carries_away(self, function: FunctionFacts, node: ast.expr) -> bool:
        """Whether a session of the request is used by what runs *node* later, or by what is called with it."""
        match node:
            case ast.Tuple(elts=items) | ast.List(elts=items):
                return any(self._carries_away(function, i) for i in items)
            case ast.Dict(values=items):
                return any(self._carries_away(function, i) for i in items)
            case ast.Starred(value=value):
                return self._carries_away(function, value)
            case ast.Lambda(body=body):
                return any(self._is_used(function, n) for n in walk(body))
            case ast.Call(func=callee):
                target = self._graph.knowledge.calls.get(callee)
                if target is not None and isinstance(target.node, ast.AsyncFunctionDef):
                    given = [*node.args, *(k.value for k in node.keywords)]
                    return self._uses(target) or any(self._is_used(function, g) for g in given)
        return self._carries(function, node)

    def _is_used(self, function: FunctionFacts, node: ast.AST) -> bool:
        return self._graph.is_session(function, node) or self._carries(function, node)

    def _carries(self, function: FunctionFacts, node: ast.AST) -> bool:
        if not isinstance(node, (ast.Name, ast.Attribute, ast.Call)):
            return False
        return any(self._is_carrier(part) for part in parts(self._value(function, node)))

    def _is_carrier(self, value: Value) -> bool:
        match value:
            case Function(facts=facts):
                return self._uses(facts)
            case Instance(cls=ClassFacts() as cls):
                return self._is_carrying(cls)
        return False

    def _uses(self, function: FunctionFacts) -> bool:
        """Whether *function* uses a session of the request that it brings along: of its object, or of the scope around it."""
        if function not in self._using:
            # A recursion says nothing by itself.
            self._using[function] = False
            self._using[function] = self._brings(function)
        return self._using[function]

    def _brings(self, function: FunctionFacts) -> bool:
        own = function.parameters[0].arg if function.is_method and function.parameters else None
        closure = function.outer is not None and not isinstance(function.outer.node, ast.Module)
        bound = {p.arg for p in function.parameters}
        for node in walk(function.node) if own or closure else ():
            match node:
                case ast.Attribute(value=ast.Name(id=name)) if name == own:
                    if self._is_of_the_request(function, node) or self._by_own(function, node.attr):
                        return True
                case ast.Name(id=name, ctx=ast.Load()) if closure and name not in bound:
                    if self._is_of_the_request(function, node):
                        return True
        return False

    def _by_own(self, function: FunctionFacts, name: str) -> bool:
        """Whether the method or property *name* of the object that *function* belongs to uses a session of the request."""
        knowledge, owner = self._graph.knowledge, function.owner
        if owner is None:
            return False
        found = getter(knowledge, owner, name) or knowledge.method(owner, name)
        return found is not None and any(self._uses(m) for m in self._graph.overriding(found))

    def _is_of_the_request(self, function: FunctionFacts, node: ast.Name | ast.Attribute) -> bool:
        family = set(self._graph.knowledge.models.family(function.owner).classes) if function.owner else set()
        for part in parts(self._value(function, node)):
            match part:
                case Session(flavour=flavour) if flavour != "async":
                    scope = self._scope(function, node)
                    if self._flow.intersection(self._holders.of(scope, node)):
                        return True
                case Instance(cls=ClassFacts() as cls) if cls not in family and self._is_carrying(cls):
                    return True
                case Function(facts=facts) if facts is not function and self._uses(facts):
                    return True
        return False

    def _is_carrying(self, cls: ClassFacts) -> bool:
        if cls not in self._carrying:
            self._carrying[cls] = False
            models = self._graph.knowledge.models
            self._carrying[cls] = not models.is_mapped(cls) and (
                any(member in self._having for member in models.family(cls).classes)
                or any(self._uses(m) for c in models.ancestors(cls) for m in c.methods)
            )
        return self._carrying[cls]

    def _value(self, function: FunctionFacts, node: ast.AST) -> Value:
        return self._graph.value(self._scope(function, node), node)

    def _scope(self, function: FunctionFacts, node: ast.AST) -> FunctionFacts:
        """*function*, or the one inside of it whose interpretation has seen *node*."""
        observed = self._graph.knowledge.observed
        if node in observed.get(function, {}):
            return function
        return next((f for f in function.inner if node in observed.get(f, {})), function)


def _goes_away(call: ast.Call) -> bool:
    return last_name(call.func) in _AWAY or (isinstance(call.func, ast.Attribute) and call.func.attr == "map")


def _keeps(call: ast.Call, value: Value) -> bool:
    """Whether *call*, of something of a library, runs its arguments later or elsewhere, or makes an object that has them."""
    name = last_name(call.func)
    if name in _HARMLESS or name in _REGISTERING:
        return False
    if _goes_away(call) or name in LATER:
        return True
    return any(isinstance(v, External) and v.last[:1].isupper() for v in parts(value))


def _is_related(models: Models, cls: ClassFacts, name: str) -> bool:
    attribute = models.attribute(cls, name) if name else None
    return attribute is not None and attribute.kind == "relationship"
