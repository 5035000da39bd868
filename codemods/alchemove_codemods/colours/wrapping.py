"""Decorators of the program whose wrapper calls what they decorate: ``@functools.wraps`` around ``def wrapper(*args, **kwargs)``.

The wrapper is called where the function is meant, so it has the colour of all functions that the decorator is around.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from alchemove_codemods.analysis.knowledge import Knowledge
from alchemove_codemods.analysis.occurrences import Occurrences, keeps
from alchemove_codemods.analysis.passing_on import returned_function
from alchemove_codemods.facts import FunctionFacts, last_name
from alchemove_codemods.trees import walk
from alchemove_codemods.values import Function

_COLOUR_BLIND = frozenset({"iscoroutinefunction", "isawaitable", "iscoroutine"})


@dataclass(frozen=True, slots=True, eq=False)
class Wrapper:
    """The function that a decorator puts in the place of those that it is ``around``; ``calls`` call them."""

    function: FunctionFacts
    decorator: FunctionFacts
    parameter: str
    calls: tuple[ast.Call, ...]
    around: tuple[FunctionFacts, ...]


class Wrapping:
    """The wrappers of the program.

    ``wrappers`` are those that can become coroutines; ``unknown`` says of functions which decorator of the program is
    around them that cannot be told to work with one.
    """

    def __init__(self, knowledge: Knowledge, uses: Occurrences) -> None:
        self._knowledge = knowledge
        self._uses = uses
        self.wrappers: dict[FunctionFacts, Wrapper] = {}
        self.unknown: dict[FunctionFacts, FunctionFacts] = {}
        self._around: dict[FunctionFacts, list[FunctionFacts]] = {}
        used: dict[FunctionFacts, list[tuple[FunctionFacts, ast.expr]]] = {}
        for module in knowledge.program.loaded():
            for function in module.functions.values():
                if function.decorators and not keeps(function):
                    for decorator in function.decorators:
                        if (found := self._decorator(function, decorator)) is not None:
                            used.setdefault(found, []).append((function, decorator))
        for made_by, places in used.items():
            self._decide(made_by, places)

    def around(self, function: FunctionFacts) -> list[FunctionFacts]:
        """The wrappers that are called in the place of *function*."""
        return self._around.get(function, [])

    def knows(self, function: FunctionFacts, decorator: ast.expr) -> bool:
        """Whether *decorator* puts a wrapper around *function* that is known, or one that fits both colours."""
        found = self._decorator(function, decorator)
        if found is None:
            return False
        if _is_both(found) or _is_transparent(found):
            return True
        return any(w.decorator is found and function in w.around for w in self.wrappers.values())

    def _decorator(self, function: FunctionFacts, node: ast.expr) -> FunctionFacts | None:
        value = self._knowledge.static(function.module, node.func if isinstance(node, ast.Call) else node)
        return value.facts if isinstance(value, Function) else None

    def _decide(self, decorator: FunctionFacts, places: list[tuple[FunctionFacts, ast.expr]]) -> None:
        if _is_both(decorator) or _is_transparent(decorator):
            return
        around = tuple(dict.fromkeys(function for function, _ in places))
        wrapper = _wrapper_of(decorator, around, called=isinstance(places[0][1], ast.Call))
        if (
            wrapper is None
            or any(isinstance(f.node, ast.AsyncFunctionDef) for f in around)
            or any(isinstance(d, ast.Call) != isinstance(places[0][1], ast.Call) for _, d in places)
            or not self._only_decorates(decorator, [d for _, d in places])
        ):
            self.unknown.update(dict.fromkeys(around, decorator))
            return
        self.wrappers[wrapper.function] = wrapper
        for function in around:
            self._around.setdefault(function, []).append(wrapper.function)

    def _only_decorates(self, decorator: FunctionFacts, places: list[ast.expr]) -> bool:
        """Whether the name of *decorator* stands nowhere but before functions."""
        named = {p.func if isinstance(p, ast.Call) else p for p in places}
        for path in self._knowledge.program.mentioning(decorator.name.encode()):
            module = self._knowledge.program.module(path)
            for node in self._uses.named(module, decorator.name) if module is not None else ():
                if node not in named and self._may_mean(decorator, module, node):
                    return False
        return True

    def _may_mean(self, decorator: FunctionFacts, module: object, node: ast.AST) -> bool:
        if not isinstance(node, (ast.Name, ast.Attribute)):
            return True
        value = self._knowledge.static(module, node)  # type: ignore[arg-type]
        return not isinstance(value, Function) or value.facts is decorator


def _is_both(decorator: FunctionFacts) -> bool:
    """Whether *decorator* looks whether it is around a coroutine."""
    nodes = walk(decorator.node)
    asks = any(isinstance(n, (ast.Name, ast.Attribute)) and last_name(n) in _COLOUR_BLIND for n in nodes)
    return asks and any(isinstance(n, ast.AsyncFunctionDef) for n in nodes)


def _is_transparent(decorator: FunctionFacts) -> bool:
    """Whether *decorator* gives back what it is around, and does nothing else with it but mark it."""
    maker = returned_function(decorator.node) or decorator.node
    if (
        not isinstance(maker, ast.FunctionDef)
        or len(maker.args.args) != 1
        or not isinstance(maker.body[-1], ast.Return)
    ):
        return False
    name = maker.args.args[0].arg
    parents = {child: node for node in walk(maker) for child in ast.iter_child_nodes(node)}
    return all(
        isinstance(parent := parents.get(node), ast.Return)
        or (isinstance(parent, ast.Attribute) and isinstance(parent.ctx, ast.Store))
        for node in walk(maker)
        if isinstance(node, ast.Name) and node.id == name
    ) and all(
        isinstance(node.value, ast.Name) and node.value.id == name
        for node in walk(maker)
        if isinstance(node, ast.Return)
    )


def _wrapper_of(decorator: FunctionFacts, around: tuple[FunctionFacts, ...], *, called: bool) -> Wrapper | None:
    """The wrapper that *decorator* makes, None if it is none that only calls what it is around.

    *called* says that it is written ``@decorator(...)``, so that the function inside it is what decorates.
    """
    functions = decorator.module.functions
    maker = returned_function(decorator.node) if called else decorator.node
    inner = returned_function(maker)
    if not isinstance(maker, ast.FunctionDef) or not isinstance(inner, ast.FunctionDef) or inner not in functions:
        return None
    positional = [*maker.args.posonlyargs, *maker.args.args]
    if len(positional) != 1 or maker.args.vararg or maker.args.kwarg or maker.args.kwonlyargs:
        return None
    name = positional[0].arg
    calls = tuple(_calls(maker, inner, name))
    good = calls and _is_wraps(inner, name) and _passes_on(inner, calls) and _is_known(maker, inner, name, calls)
    return Wrapper(functions[inner], decorator, name, calls, around) if good else None


def _is_wraps(wrapper: ast.FunctionDef, name: str) -> bool:
    match wrapper.decorator_list:
        case [ast.Call(func=wraps, args=[ast.Name(id=wrapped)])]:
            return last_name(wraps) == "wraps" and wrapped == name
    return False


def _calls(maker: ast.FunctionDef, wrapper: ast.FunctionDef, name: str) -> Iterator[ast.Call]:
    """The calls of the function *name* in *wrapper* that can be awaited where they stand."""
    stack: list[ast.AST] = list(wrapper.body)
    while stack:
        node = stack.pop()
        match node:
            case ast.Call(func=ast.Name(id=called)) if called == name:
                yield node
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda() | ast.GeneratorExp():
                continue
        stack += ast.iter_child_nodes(node)


def _passes_on(wrapper: ast.FunctionDef, calls: tuple[ast.Call, ...]) -> bool:
    """Whether each of *calls* passes just what *wrapper* gets, which does nothing else with it."""
    arguments = wrapper.args
    if (
        arguments.kwonlyargs
        or arguments.defaults
        or any(isinstance(n, (ast.Yield, ast.YieldFrom)) for n in walk(wrapper))
    ):
        return False
    names = [a.arg for a in (*arguments.posonlyargs, *arguments.args)]
    star = arguments.vararg.arg if arguments.vararg else None
    double = arguments.kwarg.arg if arguments.kwarg else None
    expected = [*names, *([f"*{star}"] if star else []), *([f"**{double}"] if double else [])]
    for call in calls:
        passed = [ast.unparse(a) for a in call.args] + [
            f"{k.arg or '**'}{'=' if k.arg else ''}{ast.unparse(k.value)}" for k in call.keywords
        ]
        if passed != expected:
            return False
    own = {*names, star, double} - {None}
    used = [n for n in walk(wrapper) if isinstance(n, ast.Name) and n.id in own]
    return len(used) == len(own) * len(calls)


def _is_known(maker: ast.FunctionDef, wrapper: ast.FunctionDef, name: str, calls: tuple[ast.Call, ...]) -> bool:
    """Whether the function *name* is only called, by *calls*, and asked for its name and the like."""
    parents = {child: node for node in walk(maker) for child in ast.iter_child_nodes(node)}
    called = {c.func for c in calls}
    for node in walk(maker):
        if not isinstance(node, ast.Name) or node.id != name or node in called:
            continue
        match parents.get(node):
            case ast.Attribute(attr=attribute) if attribute.startswith("__") and attribute != "__call__":
                continue
            case ast.Call(func=function) if last_name(function) in ("wraps", "signature", "getLogger", "repr", "str"):
                continue
        return False
    return True
