"""Objects that are given to what is not followed: they load lazily there, so the call as a whole runs where that is possible.

HANDLERS[kind](user)        [show(user) for show in SHOWN]        getattr(self, f"show_{kind}")(user)        sorted(users, key=team_of)
by_team = attrgetter("team.name"); sorted(users, key=by_team)             show = partial(describe, user); show()
reduce(lambda value, name: getattr(value, name), path, user)        describe(user), where describe() is a @singledispatch
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from alchemove_codemods.colours.lazy import EAGER
from alchemove_codemods.colours.loads.scopes import given
from alchemove_codemods.facts import ClassFacts, FunctionFacts, last_name
from alchemove_codemods.trees import walk
from alchemove_codemods.values import BOTTOM, UNKNOWN, Function, Instance, Plain, Rows, Value, parts

if TYPE_CHECKING:
    from alchemove_codemods.colours.graph import Graph

GIVEN: Final = "given"
"""The name of a site that gives objects to something that reads them."""


def may_load_there(graph: Graph, function: FunctionFacts, call: ast.Call) -> bool:
    """Whether *call* of *function*, which is not followed, may have objects loaded that it is given."""
    if isinstance(function.module.source.parents.get(call), ast.Await):
        return False
    if graph.value(function, call.func) not in (UNKNOWN, BOTTOM):
        return False
    known = last_name(call.func) in graph.dispatching or last_name(call.func) in graph.getters
    if not (known or _is_looked_up(function, call.func)):
        return False
    passed = [part for argument in call.args for part in parts(graph.value(function, argument))]
    return any(_has_relationships(graph, part) for part in passed)


def is_given_a_reader(graph: Graph, function: FunctionFacts, call: ast.Call) -> bool:
    """Whether *call* gets objects together with a function of the program that reads what is loaded of them: ``map(tags_of, items)``."""
    arguments = [*call.args, *(k.value for k in call.keywords)]
    named = [graph.value(function, a) for a in arguments if isinstance(a, (ast.Name, ast.Attribute))]
    readers = [p.facts.node for value in named for p in parts(value) if isinstance(p, Function)]
    reads = any(isinstance(a, (ast.Name, ast.Attribute)) and last_name(a) in graph.getters for a in arguments)
    if last_name(call.func) == "reduce":
        # The body of a lambda is followed like that of the function around, but not what it gets from one time to the next.
        readers += [a for a in arguments if isinstance(a, ast.Lambda)]
    return (reads or any(_reads(graph, reader) for reader in readers)) and any(
        _has_relationships(graph, p) for a in arguments for p in items(graph.value(function, a))
    )


def kept_reader(graph: Graph, function: FunctionFacts, call: ast.Call) -> FunctionFacts | None:
    """The function of the program that ``partial(describe, user)`` keeps, if it reads objects with the session of others."""
    if last_name(call.func) != "partial" or not call.args:
        return None
    match graph.value(function, call.args[0]):
        case Function(facts=facts) if _reads(graph, facts.node) and not graph.sessions(facts):
            return facts
    return None


def looked_up_by_name(graph: Graph, function: FunctionFacts, call: ast.Call) -> tuple[FunctionFacts, ...]:
    """The methods that ``getattr(self, "visit_" + kind)(node)`` may call."""
    callee: ast.AST | None = call.func
    if isinstance(callee, ast.Name):
        ways = given(function, function.module.source.parents, callee)
        callee = ways[0].node if len(ways) == 1 and ways[0].kind == "value" else None
    match callee:
        case ast.Call(func=ast.Name(id="getattr"), args=[base, name, *_]) if not isinstance(name, ast.Constant):
            start = _beginning(name)
            methods = (m for cls in graph.classes(function, base) for m in _methods(graph, cls) if start)
            return tuple(m for m in methods if m.name.startswith(start))
    return ()


def _beginning(name: ast.expr) -> str:
    """The text that *name*, which is computed, begins with."""
    match name:
        case ast.BinOp(left=ast.Constant(value=str(start)), op=ast.Add()):
            return start
        case ast.BinOp(left=ast.Constant(value=str(start)), op=ast.Mod()):
            return start.partition("%")[0]
        case ast.JoinedStr(values=[ast.Constant(value=str(start)), *_]):
            return start
    return ""


def _methods(graph: Graph, cls: ClassFacts) -> Iterator[FunctionFacts]:
    """The methods of *cls* and of what inherits from it."""
    models = graph.knowledge.models
    for each in dict.fromkeys([*models.ancestors(cls), *models.subclasses(cls)]):
        yield from each.methods


def items(value: Value) -> list[Value]:
    """What *value* is, and what is in it."""
    found: list[Value] = []
    for part in parts(value):
        inner = part.of if isinstance(part, (Rows, Plain)) else part
        found += parts(inner) if inner is not None else ()
    return found


def _is_looked_up(function: FunctionFacts, callee: ast.expr) -> bool:
    """Whether *callee* is taken from a container, made by a call, or a variable of *function*."""
    match callee:
        case ast.Subscript() | ast.Call():
            return True
        case ast.Name(id=name):
            if any(p.arg == name for p in function.parameters):
                return True
            return name in function.module.source.stored_names and name in _variables(function.node)
    return False


@lru_cache(maxsize=1 << 14)
def _variables(function: ast.AST) -> frozenset[str]:
    """The variables of *function*, those of comprehensions and of functions inside of it included."""
    return frozenset(n.id for n in walk(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))


def _has_relationships(graph: Graph, value: Value) -> bool:
    if not isinstance(value, Instance) or not isinstance(value.cls, ClassFacts):
        return False
    models = graph.knowledge.models
    if not models.is_mapped(value.cls):
        return False
    names = {name for ancestor in models.ancestors(value.cls) for name in ancestor.members} | models.backref_names()
    found = (models.attribute(value.cls, name) for name in names)
    return any(a is not None and a.kind == "relationship" and a.lazy not in EAGER for a in found)


def _reads(graph: Graph, function: ast.AST) -> bool:
    """Whether *function*, which is no coroutine, reads attributes that have the name of one that is loaded lazily, or a name that is a value."""
    if isinstance(function, ast.AsyncFunctionDef):
        return False
    for node in walk(function):
        match node:
            case ast.Attribute(attr=name) if name in graph.loading:
                return True
            case ast.Call(func=ast.Name(id="getattr"), args=[_, name, *_]) if not isinstance(name, ast.Constant):
                return True
    return False
