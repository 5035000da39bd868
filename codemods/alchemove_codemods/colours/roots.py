"""Where requests enter: endpoints, and what FastAPI injects into them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from alchemove_codemods.analysis.annotations import instance_of
from alchemove_codemods.analysis.injecting import injecting, injecting_modules
from alchemove_codemods.analysis.knowledge import Knowledge
from alchemove_codemods.analysis.places import function_around
from alchemove_codemods.analysis.transactions.openers import legacy_of, shim_entry
from alchemove_codemods.colours.handed_on import HandedOn
from alchemove_codemods.colours.routers import Routers
from alchemove_codemods.facts import ClassFacts, FunctionFacts, ModuleFacts, last_name
from alchemove_codemods.trees import walk
from alchemove_codemods.values import UNKNOWN, Class, Function, Instance, Session, Value, parts

ROUTES = frozenset(
    {"get", "post", "put", "patch", "delete", "head", "options", "trace", "api_route", "websocket", "route"}
)
_ADDING = frozenset({"add_api_route", "add_api_websocket_route"})
_FRAMEWORKS = ("fastapi", "starlette")


@dataclass(frozen=True, slots=True, eq=False)
class Injection:
    """A parameter that FastAPI fills: ``db: Session = Depends(get_db)``.

    ``call`` is the ``Depends(...)``, which may stand elsewhere under a name: ``db: Session = DBSession``; ``provider`` the function or class that is called, None if that is not of the
    program; ``alias`` the global that holds the ``Annotated`` where the parameter only names it. In a class-based view that is
    an attribute of the class, ``db: Session = Depends(get_db)`` in its body: ``declared`` is that statement, ``owner`` the class
    it stands in, ``function`` an endpoint of the view and ``parameter`` stands for it. ``besides`` says that the route, a router or
    the application names it, and that there is no such parameter. ``held`` says that a variable holds the dependency, which may be one
    of several: there is an injection for each.
    """

    function: FunctionFacts
    parameter: ast.arg
    call: ast.Call
    provider: FunctionFacts | None
    alias: tuple[ModuleFacts, str] | None = None
    declared: ast.AnnAssign | None = None
    owner: ClassFacts | None = None
    besides: bool = False
    held: bool = False


class Roots:
    """Endpoints and dependencies of the program."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._handed_on = HandedOn(knowledge.program, self)

    @cached_property
    def endpoints(self) -> dict[FunctionFacts, ast.expr]:
        """The functions that a route calls, each with its decorator, or with the call that adds the route."""
        found: dict[FunctionFacts, ast.expr] = {}
        for module in self._knowledge.program.loaded():
            for function in module.functions.values():
                for decorator in function.decorators:
                    if self._routes(function, decorator):
                        found[function] = decorator
        mentioning = self._knowledge.program.mentioning(*(name.encode() for name in _ADDING))
        for module in filter(None, map(self._knowledge.program.module, mentioning)):
            for function, call in self._added(module):
                found.setdefault(function, call)
        return found

    def _added(self, module: ModuleFacts) -> Iterator[tuple[FunctionFacts, ast.Call]]:
        """The endpoints that ``router.add_api_route(path, endpoint)`` gives to routers."""
        for node in module.source.of_kind(ast.Call):
            if (endpoint := routed(node)) is None:
                continue
            assert isinstance(node.func, ast.Attribute)
            function = self.callable(module, endpoint)
            if function is None or not self.is_router(self._value(function_around(module, node), node.func.value)):
                continue
            # A response model of another file has no name in the one that would have to use it.
            declared = any(k.arg == "response_model" for k in node.keywords)
            if function.module is module or not declared:
                yield function, node

    def _routes(self, function: FunctionFacts, decorator: ast.expr) -> bool:
        match decorator:
            case ast.Call(func=ast.Attribute(value=router, attr=name)) if name in ROUTES | {"exception_handler"}:
                return self.is_router(self._value(function.outer or function.module.body, router, function.owner))
        return False

    def _value(self, around: FunctionFacts, node: ast.expr, owner: ClassFacts | None = None) -> Value:
        value = self._knowledge.observed.get(around, {}).get(node)
        return value if value is not None else self._knowledge.static(around.module, node, owner)

    def is_router(self, value: Value) -> bool:
        """Whether *value* is an application or router of FastAPI or Starlette."""
        for part in parts(value):
            match part:
                case Instance(cls=str(name)) if name.startswith(_FRAMEWORKS):
                    return True
                case Instance(cls=cls) if not isinstance(cls, str):
                    names = [n for n in self._knowledge.models.lineage(cls) if isinstance(n, str)]
                    if any(n.startswith(_FRAMEWORKS) for n in names):
                        return True
        return False

    @cached_property
    def injections(self) -> dict[FunctionFacts, list[Injection]]:
        """What FastAPI injects, by function."""
        found: dict[FunctionFacts, list[Injection]] = {}
        for module in injecting_modules(self._knowledge.program):
            for function in list(module.functions.values()):
                if self._handed_on.source(function) is None and (made := list(self.injected_into(function))):
                    found[function] = made
        for module in self._knowledge.program.loaded():
            # Parameters that only name an alias of another file.
            for function in module.functions.values():
                if function in found or not function.parameters or self._handed_on.source(function) is not None:
                    continue
                if made := list(self.injected_into(function)):
                    found[function] = made
        routers = Routers(self._knowledge.program)
        for function, route in self.endpoints.items():
            if function.is_method and function.owner is not None:
                found[function] = [*found.get(function, ()), *self._of_view(function, function.owner)]
            if besides := list(self._besides(function, routers.around(function.module, route))):
                found[function] = [*besides, *found.get(function, ())]
        return found

    def _besides(self, function: FunctionFacts, named: list[tuple[ModuleFacts, ast.Call]]) -> Iterator[Injection]:
        """What is called for the endpoint *function* without being a parameter of it."""
        for module, call in named:
            provider = self.callable(module, call.args[0]) if call.args else None
            for each in [provider] if provider is not None else self._held(module, call):
                parameter = ast.copy_location(ast.arg(arg=f"`{ast.unparse(call)}`"), call)
                yield Injection(function, parameter, call, each, (module, ""), besides=True)

    def _of_view(self, function: FunctionFacts, view: ClassFacts) -> Iterator[Injection]:
        """What a decorator like ``@cbv(router)`` has FastAPI give the objects of the class *view*, an endpoint of which is *function*."""
        seen: set[str] = set()
        for cls in self._knowledge.models.ancestors(view):
            for statement in cls.node.body:
                match statement:
                    case ast.AnnAssign(target=ast.Name(id=name), annotation=said, value=value) if (
                        name not in seen and not name.startswith("_")
                    ):
                        seen.add(name)
                        call, where = self._named(cls.module, value)
                        if call is not None:
                            parameter = ast.copy_location(ast.arg(arg=name, annotation=said), statement)
                            provider = self._provider(where, function, parameter, call)
                            yield Injection(function, parameter, call, provider, None, statement, cls)

    def injected_into(self, function: FunctionFacts) -> Iterator[Injection]:
        """The parameters of *function* that FastAPI fills."""
        for parameter in function.parameters:
            alias = None
            call, where = self._named(function.module, default_of(function, parameter))
            if call is None and parameter.annotation is not None:
                call, alias, where = self._annotated(function.module, parameter.annotation)
            if call is None:
                continue
            provider = self._provider(where, function, parameter, call)
            # A session is had from one dependency.
            given = parts(self._knowledge.observed.get(function, {}).get(parameter, UNKNOWN))
            is_session = any(isinstance(each, Session) for each in given)
            held = self._held(where, call) if provider is None and not is_session else []
            for each in held:
                yield Injection(function, parameter, call, each, alias, held=True)
            if not held:
                yield Injection(function, parameter, call, provider, alias)

    def _held(self, module: ModuleFacts, call: ast.Call) -> list[FunctionFacts]:
        """What a variable of *module* may hold that *call* names, a ``Depends(guard)``; none if that is not known."""
        value = self.evaluated(module, call.args[0]) if len(call.args) == 1 and not call.keywords else UNKNOWN
        found = [self._called(part) for part in parts(value)]
        return sorted((f for f in found if f is not None), key=lambda f: f.place) if None not in found else []

    def evaluated(self, module: ModuleFacts, node: ast.expr) -> Value:
        """What *node* of *module* is where it is evaluated: defaults and decorators outside of their function."""
        around = function_around(module, node)
        for function in (around, around.outer or module.body):
            if (value := self._knowledge.observed.get(function, {}).get(node)) is not None:
                return value
        return UNKNOWN

    def _annotated(
        self, module: ModuleFacts, node: ast.expr
    ) -> tuple[ast.Call | None, tuple[ModuleFacts, str] | None, ModuleFacts]:
        match node:
            case ast.Subscript(value=head, slice=ast.Tuple(elts=items)) if last_name(head) == "Annotated":
                for item in items[1:]:
                    call, where = self._named(module, item)
                    if call is not None:
                        return call, None, where
                return None, None, module
            case ast.Name() | ast.Attribute():
                origin = self._knowledge.program.origin_of(module, node)
                source = self._knowledge.program.module(origin[0]) if origin and origin[0].endswith(".py") else None
                for binding in source.bindings.get(origin[1], ()) if source and origin else ():
                    if isinstance(binding.node, ast.Subscript):
                        assert source is not None
                        assert origin is not None
                        call, _, _ = self._annotated(source, binding.node)
                        return call, (source, origin[1]), source
        return None, None, module

    def _named(self, module: ModuleFacts, node: ast.expr | None) -> tuple[ast.Call | None, ModuleFacts]:
        """The ``Depends(...)`` that *node* of *module* is or names (``DBSession = Depends(get_db)``), and the module that it stands in."""
        if not isinstance(node, (ast.Name, ast.Attribute)):
            return injecting(node), module
        origin = self._knowledge.program.origin_of(module, node)
        source = self._knowledge.program.module(origin[0]) if origin and origin[0].endswith(".py") else None
        match [b.node for b in source.bindings.get(origin[1], ())] if source is not None and origin is not None else []:
            case [ast.Call() as call] if injecting(call) is not None and source is not None:
                return call, source
        return None, module

    def _provider(
        self, module: ModuleFacts, function: FunctionFacts, parameter: ast.arg, call: ast.Call
    ) -> FunctionFacts | None:
        if not call.args:
            keyword = next((k.value for k in call.keywords if k.arg == "dependency"), None)
            target = keyword if keyword is not None else _annotated_type(parameter.annotation)
        else:
            target = call.args[0]
        if target is None:
            return None
        provider = self.callable(module, target, function)
        while provider is not None and (source := self._handed_on.source(provider)) is not None:
            provider = source
        return provider

    def callable(
        self, module: ModuleFacts, node: ast.expr, function: FunctionFacts | None = None
    ) -> FunctionFacts | None:
        """The function that calling *node* runs: itself, an initializer, ``__call__``."""
        if (stub := self._of_shim(module, node)) is not None:
            return stub
        return self._called(self._knowledge.static(module, node, function.owner if function else None))

    def _called(self, value: Value) -> FunctionFacts | None:
        """The function that calling *value* runs."""
        match value:
            case Function(facts=facts):
                return facts
            case Class(facts=cls):
                return self._knowledge.method(cls, "__init__")
            case Instance(cls=cls) if not isinstance(cls, str):
                return self._knowledge.method(cls, "__call__")
        return None

    def _of_shim(self, module: ModuleFacts, node: ast.expr) -> FunctionFacts | None:
        """The declaration for type checkers of the exported dependency that *node* is in the shim itself: ``legacy.get_session``."""
        match node:
            case ast.Attribute(value=ast.Name(id=shim), attr=name) if legacy_of(module, shim) is not None:
                stubs = [f for f in module.functions.values() if f.outer is None and f.owner is None]
                return next((f for f in stubs if (e := shim_entry(module, f.name)) and e[1] == name), None)
        return None

    @cached_property
    def dependencies(self) -> frozenset[FunctionFacts]:
        """The functions that FastAPI calls to fill parameters, and those that routes and routers name themselves."""
        found = {i.provider for made in self.injections.values() for i in made if i.provider is not None}
        for path in self._knowledge.program.mentioning(b"dependencies"):
            module = self._knowledge.program.module(path)
            for node in walk(module.source.tree) if module else ():
                if isinstance(node, ast.keyword) and node.arg == "dependencies":
                    for inner in walk(node.value):
                        call = injecting(inner)
                        if call is not None and call.args and module is not None:
                            provider = self.callable(module, call.args[0])
                            found.update([provider] if provider is not None else self._held(module, call))
        return frozenset(found)

    @cached_property
    def depends(self) -> dict[FunctionFacts, list[tuple[ModuleFacts, ast.Call]]]:
        """The ``Depends(f)`` of the program, by *f*, wherever they stand."""
        found: dict[FunctionFacts, list[tuple[ModuleFacts, ast.Call]]] = {}
        for module in injecting_modules(self._knowledge.program):
            for node in module.source.of_kind(ast.Call):
                call = injecting(node)
                provider = self.callable(module, call.args[0]) if call is not None and call.args else None
                if call is not None and provider is not None:
                    found.setdefault(provider, []).append((module, call))
        return found

    @cached_property
    def passing(self) -> frozenset[FunctionFacts]:
        """The dependencies that give the session that they are given, and do something with it."""
        given = {i.provider for i in self.session_parameters() if i.provider is not None}
        return frozenset(f for f in given if f in self.injections and self._handed_on.gives_its_own(f))

    def hands_on(self, function: FunctionFacts) -> bool:
        """Whether *function* only gives what it is injected itself: it stands for the dependency of that."""
        return self._handed_on.source(function) is not None

    def injected(self, function: FunctionFacts) -> Iterator[Injection]:
        """What FastAPI injects for *function*: directly, and into the dependencies that it injects."""
        pending, seen = [function], {function}
        while pending:
            for injection in self.injections.get(pending.pop(), ()):
                yield injection
                if injection.provider is not None and injection.provider not in seen:
                    seen.add(injection.provider)
                    pending.append(injection.provider)

    def session_parameters(self) -> Iterator[Injection]:
        """The injected parameters that are a sync session."""
        for function, made in self.injections.items():
            for injection in made:
                value = self._knowledge.observed.get(function, {}).get(injection.parameter, UNKNOWN)
                if injection.owner is not None and injection.parameter.annotation is not None:
                    said = self._knowledge.static(injection.owner.module, injection.parameter.annotation)
                    value = instance_of(self._knowledge, said) or UNKNOWN
                if any(isinstance(v, Session) and v.flavour != "async" for v in parts(value)):
                    yield injection


def default_of(function: FunctionFacts, parameter: ast.arg) -> ast.expr | None:
    """The default of *parameter*."""
    arguments = getattr(function.node, "args", None)
    if not isinstance(arguments, ast.arguments):
        return None
    if parameter in arguments.kwonlyargs:
        return arguments.kw_defaults[arguments.kwonlyargs.index(parameter)]
    positional = [*arguments.posonlyargs, *arguments.args]
    return dict(zip(reversed(positional), reversed(arguments.defaults))).get(parameter)


def _annotated_type(node: ast.expr | None) -> ast.expr | None:
    """The class that a parameter is annotated with, without the ``Annotated`` around it: ``Depends()`` calls that."""
    match node:
        case ast.Subscript(value=head, slice=ast.Tuple(elts=[first, *_])) if last_name(head) == "Annotated":
            return first
    return node


def routed(call: ast.Call) -> ast.expr | None:
    """The endpoint in a call that adds a route: ``router.add_api_route(path, endpoint)``."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in _ADDING:
        return None
    if len(call.args) > 1:
        return call.args[1]
    return next((k.value for k in call.keywords if k.arg == "endpoint"), None)
