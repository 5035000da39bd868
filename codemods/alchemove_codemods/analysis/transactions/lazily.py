"""Engines and factories that a function makes when they are first needed: ``get_engine()``, ``get_factory()``, ``init_db()``."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from alchemove_codemods.analysis.transactions.makers import is_maker, is_session_class, made
from alchemove_codemods.analysis.transactions.names import Origin, enclosing, origin
from alchemove_codemods.analysis.transactions.targets import Settings, Target
from alchemove_codemods.facts import FunctionFacts, ModuleFacts, last_name, statements
from alchemove_codemods.program import Program
from alchemove_codemods.trees import walk

_CACHES = frozenset({"lru_cache", "cache"})


@dataclass(frozen=True, slots=True)
class Found:
    """The options of sessions that something opens, and the session module of the engine that they work on."""

    settings: Settings
    target: Target


class Lazily:
    """Answers for one program, whose session modules are *targets*."""

    def __init__(self, program: Program, targets: Sequence[Target]) -> None:
        self._program = program
        self._targets = targets

    def opened(self, function: FunctionFacts, opening: ast.Call) -> Found | None:
        """What the call *opening* in *function* opens: ``SessionLocal()``, ``get_factory()()``, ``Session(get_engine())``.

        None where the factory or the engine is not known, or may be replaced from outside.
        """
        if is_session_class(function, opening.func):
            return self._found(function, opening)
        if opening.args or opening.keywords:
            return None
        maker = self._factory(function, opening.func)
        return self._found(*maker) if maker is not None else None

    def kept(self, function: FunctionFacts, bind: ast.expr | None) -> Target | None:
        """The session module that shares the engine which a factory is bound to, *bind*, for good: ``sessionmaker(bind=get_engine())``.

        The function has to give the same one each time: the session module asks it, too, and later.
        """
        match bind:
            case ast.Call(func=maker, args=[], keywords=[]):
                found = self._function(function, maker)
                kept = found is not None and _keeps(found) and not self._program.mentioning(b"cache_clear")
                return self._shared(function, maker) if kept else None
        return None

    def _found(self, function: FunctionFacts, call: ast.Call) -> Found | None:
        given = made(function, call)
        target = self._target(function, given.bind)
        return Found(given.settings, target) if target is not None else None

    # factories ----------------------------------------------------------------------------------------------------

    def _factory(self, function: FunctionFacts, node: ast.expr) -> tuple[FunctionFacts, ast.Call] | None:
        """The call of ``sessionmaker`` that made the factory *node*, and the function it stands in."""
        match node:
            case ast.Call(args=[], keywords=[]):
                maker = self._function(function, node.func)
                return self._returned(maker) if maker is not None else None
            case ast.Name(id=name) if enclosing(function, name) is not None:
                value = only_value(function, name)
                return self._factory(function, value) if isinstance(value, ast.Call) else None
            case ast.Name() | ast.Attribute():
                where = origin(self._program, function, node)
                home = self._program.module(where[0]) if where is not None and where[0] in self._program.raw else None
                return self._kept(home, where[1]) if home is not None and where is not None else None
        return None

    def _function(self, function: FunctionFacts, node: ast.expr) -> FunctionFacts | None:
        """The function of a module that *node* names, which is called without arguments and gives the same each time."""
        where = origin(self._program, function, node)
        home = self._program.module(where[0]) if where is not None and where[0] in self._program.raw else None
        if home is None or where is None or self._is_replaced(where[1]):
            return None
        found = [f for f in home.functions.values() if f.name == where[1] and f.owner is None and f.outer is None]
        if len(found) != 1 or not isinstance(found[0].node, ast.FunctionDef):
            return None
        cached = all(_is_cache(decorator) for decorator in found[0].decorators)
        return found[0] if cached else None

    def _returned(self, maker: FunctionFacts) -> tuple[FunctionFacts, ast.Call] | None:
        """The factory that *maker* returns, which does nothing else."""
        body: list[ast.stmt] = getattr(maker.node, "body", [])
        if any(isinstance(s, ast.Expr) and not isinstance(s.value, ast.Constant) for s in statements(body)):
            return None
        found = {self._given(maker, s.value) for s in statements(body) if isinstance(s, ast.Return)}
        return found.pop() if len(found) == 1 else None

    def _given(self, maker: FunctionFacts, value: ast.expr | None) -> tuple[FunctionFacts, ast.Call] | None:
        match value:
            case ast.Call() if is_maker(maker, value.func):
                return maker, value
            case ast.Name(id=name) if name in _shared(maker):
                return self._kept(maker.module, name)
            case ast.Name(id=name) if enclosing(maker, name) is maker:
                return self._given(maker, only_value(maker, name))
            case ast.Name(id=name):
                return self._kept(maker.module, name)
        return None

    def _kept(self, module: ModuleFacts, name: str) -> tuple[FunctionFacts, ast.Call] | None:
        """What makes the factory in the global *name*, which is None at first, and bound once in a function."""
        values = [(module.body, b.node) for b in module.bindings.get(name, ()) if not b.checking]
        values += [(f, v) for f in module.functions.values() if name in _shared(f) for v in _values(f, name)]
        made_by = [(f, v) for f, v in values if not (isinstance(v, ast.Constant) and v.value is None)]
        if self._is_replaced(name):
            return None
        match made_by:
            case [(function, ast.Call() as call)] if is_maker(function, call.func):
                return function, call
        return None

    # engines ------------------------------------------------------------------------------------------------------

    def _target(self, function: FunctionFacts, bind: ast.expr | None) -> Target | None:
        """The session module that shares the engine *bind*."""
        match bind:
            case ast.Call(func=maker, args=[], keywords=[]):
                return self._shared(function, maker) if self._function(function, maker) is not None else None
            case ast.Name(id=name) if name not in _shared(function) and enclosing(function, name) is not None:
                value = only_value(function, name)
                return self._target(function, value) if isinstance(value, ast.Call) else None
            case ast.Name() | ast.Attribute():
                return self._shared(function, bind) or self._made_once(function, bind)
        return None

    def _shared(self, function: FunctionFacts, node: ast.expr) -> Target | None:
        where = origin(self._program, function, node)
        if where is None or self._is_replaced(where[1]):
            return None
        same = [t for t in self._targets if t.engine is not None and self._is_same(t.engine, where)]
        return same[0] if same else None

    def _is_same(self, engine: Origin, maker: Origin) -> bool:
        """Whether the global *engine* is *maker*, or has what *maker* gives each time: ``engine = get_engine()``."""
        if engine == maker:
            return True
        home = self._program.module(engine[0]) if engine[0] in self._program.raw else None
        match [b.node for b in home.bindings.get(engine[1], ()) if not b.checking] if home is not None else []:
            case [ast.Call(func=func, args=[], keywords=[])] if home is not None:
                function = self._function(home.body, func) if origin(self._program, home.body, func) == maker else None
                return function is not None and _keeps(function) and not self._is_replaced(engine[1])
        return False

    def _made_once(self, function: FunctionFacts, node: ast.expr) -> Target | None:
        """The session module that shares the function which made the global *node*: ``engine = get_engine()``."""
        where = origin(self._program, function, node)
        home = self._program.module(where[0]) if where is not None and where[0] in self._program.raw else None
        bindings = home.bindings.get(where[1], ()) if home is not None and where is not None else ()
        match [b.node for b in bindings if not b.checking]:
            case [ast.Call(args=[], keywords=[]) as call] if home is not None and where is not None:
                return None if self._is_replaced(where[1]) else self._target(home.body, call)
        return None

    def _is_replaced(self, name: str) -> bool:
        """Whether something outside may give *name* another meaning: an assignment to an attribute, or its text."""
        for module in filter(None, map(self._program.module, self._program.mentioning(name.encode()))):
            for attribute in module.source.of_kind(ast.Attribute):
                stored = attribute.attr == name and isinstance(attribute.ctx, ast.Store)
                if stored and not _is_of_an_object(module, attribute.value):
                    return True
            for constant in module.source.of_kind(ast.Constant):
                text = constant.value
                if isinstance(text, str) and text.rpartition(".")[2] == name and not _is_announced(module, constant):
                    return True
        return False


def _is_announced(module: ModuleFacts, constant: ast.Constant) -> bool:
    """Whether *constant* is where a shim says what a name stands for: ``legacy.export(__name__, get_factory=("app:get_factory", ...))``."""
    around = module.source.parents.get(constant)
    given = module.source.parents.get(around) if isinstance(around, ast.Tuple) else around
    match module.source.parents.get(given) if isinstance(given, ast.keyword) else None:
        case ast.Call(func=ast.Attribute(attr="export"), args=[ast.Name(id="__name__")]):
            return True
    return False


def _is_of_an_object(module: ModuleFacts, node: ast.expr) -> bool:
    """Whether *node* is the object that a method is called on: what that is given is no global of a module."""
    for function in module.functions.values() if isinstance(node, ast.Name) else ():
        if function.is_method and not function.decorators and function.parameters:
            names = [n for n in walk(function.node) if isinstance(n, ast.Name) and n.id == function.parameters[0].arg]
            if node in names:
                return all(isinstance(n.ctx, ast.Load) for n in names)
    return False


def _keeps(function: FunctionFacts) -> bool:
    """Whether *function* gives what it made before: it is cached, or returns a global that it binds."""
    returned = [s.value for s in statements(getattr(function.node, "body", [])) if isinstance(s, ast.Return)]
    kept = bool(returned) and all(isinstance(v, ast.Name) and v.id in _shared(function) for v in returned)
    return kept or any(map(_is_cache, function.decorators))


def _is_cache(decorator: ast.expr) -> bool:
    return last_name(decorator.func if isinstance(decorator, ast.Call) else decorator) in _CACHES


def _shared(function: FunctionFacts) -> set[str]:
    """The globals that *function* binds."""
    if isinstance(function.node, ast.Module):
        return set()
    return {name for node in walk(function.node) if isinstance(node, ast.Global) for name in node.names}


def _values(function: FunctionFacts, name: str) -> Iterator[ast.AST]:
    """All that *function* binds *name* to."""
    for node in statements(getattr(function.node, "body", [])):
        match node:
            case ast.Assign(targets=[ast.Name(id=bound)], value=value) if bound == name:
                yield value
            case ast.AnnAssign(target=ast.Name(id=bound), value=ast.expr() as value) if bound == name:
                yield value
            case ast.Global():
                continue
            case _ if any(
                isinstance(n, ast.Name) and n.id == name and not isinstance(n.ctx, ast.Load) for n in _own(node)
            ):
                yield node


def _own(statement: ast.stmt) -> Iterator[ast.AST]:
    """The nodes of *statement* without the statements inside of it."""
    for field in ast.iter_child_nodes(statement):
        if not isinstance(field, ast.stmt):
            yield from ast.walk(field)


def only_value(function: FunctionFacts, name: str) -> ast.expr | None:
    """What *function* binds its variable *name* to, if it does so once."""
    found = list(_values(function, name))
    return found[0] if len(found) == 1 and isinstance(found[0], ast.expr) else None
