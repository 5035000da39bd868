"""What may be an object of a mapped class, as far as values, annotations and what functions ask for tell."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from alchemove_codemods.colours.graph import Graph
from alchemove_codemods.colours.loads.scopes import given
from alchemove_codemods.colours.mapped_values import is_mapped_value, is_unknown
from alchemove_codemods.colours.said import may_give_objects
from alchemove_codemods.facts import FunctionFacts, last_name

_CONTAINERS: Final = frozenset({"dict", "Dict", "list", "List", "tuple", "Tuple", "Any"})


def is_new(graph: Graph, function: FunctionFacts, call: ast.Call) -> bool:
    """Whether what *call* gives was asked for where it stands: it is given no objects that it could give back."""
    given_to = [*call.args, *(k.value for k in call.keywords)]
    return not any(may_be_object(graph, function, each) for each in given_to)


def may_be_object(graph: Graph, function: FunctionFacts, node: ast.expr) -> bool:
    """Whether *node* is, or may hold, an object of a mapped class: what functions of the program ask for may be one unless they say otherwise."""
    value = graph.value(function, node)
    if is_mapped_value(graph, value):
        return True
    if not is_unknown(value):
        return False
    return _is_item(graph, function, node) or any(may_give_objects(graph, f) for f in _asked(graph, function, node))


def _is_item(graph: Graph, function: FunctionFacts, node: ast.expr) -> bool:
    """Whether *node* is an item of what a function asks the database for that is said to give some dictionary: ``page(db)["items"]``."""
    match node:
        case ast.Subscript(value=base):
            said = (getattr(f.node, "returns", None) for f in _asked(graph, function, base))
            return any(s is None or last_name(s) in _CONTAINERS for s in said)
        case ast.Name():
            ways = given(function, function.module.source.parents, node)
            return any(isinstance(w.node, ast.Subscript) and _is_item(graph, function, w.node) for w in ways)
    return False


def _asked(graph: Graph, function: FunctionFacts, node: ast.expr) -> Iterator[FunctionFacts]:
    """The functions of the program that ask the database for what *node* is, or is one of."""
    match node:
        case ast.Name():
            for way in given(function, function.module.source.parents, node):
                if way.kind in ("value", "item") and isinstance(way.node, ast.Call):
                    yield from _asked(graph, function, way.node)
        case ast.Call(func=callee):
            target = graph.knowledge.calls.get(callee)
            if target is not None and target in graph.talking:
                yield target
