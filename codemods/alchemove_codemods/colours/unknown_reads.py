"""Reads of what nobody knows: items of dictionaries and rows, and what functions inside of a function take from around them.

They may read an object that a rollback has expired. That is no reason to refuse anything, but one to load it again where that is possible.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from alchemove_codemods.colours.graph import Graph
from alchemove_codemods.colours.loads.scopes import given, loop_around
from alchemove_codemods.colours.mapped_values import is_mapped_value, is_unknown
from alchemove_codemods.colours.site import Site
from alchemove_codemods.facts import FunctionFacts
from alchemove_codemods.trees import walk
from alchemove_codemods.values import Plain, ResultRow, Value, parts


def may_be_read(graph: Graph, site: Site, behind: Iterable[ast.AST]) -> bool:
    """Whether one of the nodes *behind*, which are evaluated behind *site*, may read an object that was there before."""
    nodes = list(behind)
    names = {n.id for n in nodes if isinstance(n, ast.Name)}
    nodes += [node for body in _bodies(site.function, names) for node in walk(body)]
    return any(_may_hold(graph, site, base) for node in nodes if (base := _read(node)) is not None)


def _bodies(function: FunctionFacts, names: set[str]) -> Iterator[ast.AST]:
    """The functions inside of *function* that have one of *names*."""
    for node in walk(function.node):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) if node is not function.node:
                if name in names:
                    yield node
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Lambda() as body) if name in names:
                yield body


def _read(node: ast.AST) -> ast.expr | None:
    """What *node* reads something of."""
    match node:
        case ast.Attribute(value=base, ctx=ast.Load()) | ast.For(iter=base) | ast.comprehension(iter=base):
            return base
    return None


def _may_hold(graph: Graph, site: Site, node: ast.expr) -> bool:
    """Whether *node* comes from a variable that was there before *site*, and may be an object, or hold some."""
    function, root = site.function, _root(node)
    if root is None:
        return False
    source = function.module.source
    again = loop_around(function, site.node) is not None
    ways = given(function, source.parents, root)
    before = (
        way.node for way in ways if way.node is not None and (again or source.start(way.node) < source.start(site.node))
    )
    if all(_is_column(graph, function, each) for each in before) and not _is_from_outside(graph, function, root, node):
        return False
    value = graph.value(function, node)
    return is_unknown(value) or is_mapped_value(graph, value) or _has_rows(value)


def _is_from_outside(graph: Graph, function: FunctionFacts, root: ast.Name, node: ast.expr) -> bool:
    """Whether *node*, which begins with *root*, comes out of what *function* is given, or of what others see that it has put it into."""
    if any(p.arg == root.id for p in function.parameters):
        return is_unknown(graph.value(function, root)) or _is_state(node)
    text = ast.unparse(node)
    return node is not root and any(
        isinstance(n, (ast.Attribute, ast.Subscript)) and isinstance(n.ctx, ast.Store) and ast.unparse(n) == text
        for n in walk(function.node)
    )


def _is_state(node: ast.expr) -> bool:
    """Whether *node* is something of the state of a request: ``request.state.user``."""
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute) and node.value.attr == "state"


def _is_column(graph: Graph, function: FunctionFacts, node: ast.expr) -> bool:
    """Whether *node* is what a column of an object holds."""
    return isinstance(node, ast.Attribute) and any(
        (found := graph.knowledge.models.attribute(cls, node.attr)) is not None and found.kind == "column"
        for cls in graph.mapped(function, node.value)
    )


def _has_rows(value: Value) -> bool:
    """Whether *value* is a row, which may have an object in it, or has some."""
    return any(
        isinstance(p, ResultRow) or (isinstance(p, Plain) and p.of is not None and _has_rows(p.of))
        for p in parts(value)
    )


def _root(node: ast.expr) -> ast.Name | None:
    """The variable that *node* begins with: ``rows`` of ``rows[0].items()``."""
    while True:
        match node:
            case ast.Name():
                return node
            case ast.Attribute(value=inner) | ast.Subscript(value=inner) | ast.Call(func=ast.Attribute(value=inner)):
                node = inner
            case _:
                return None
