"""Objects that are changed below a savepoint whose rollback is caught: it expires them, and only them, for callers as well.

try:                                                   except IntegrityError:
    with db.begin_nested():                                pass
        user.name = name                               return user.name      # loads it again
        db.flush()
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from alchemove_codemods.colours.following import following
from alchemove_codemods.colours.graph import Graph
from alchemove_codemods.colours.mapped_values import is_mapped_value
from alchemove_codemods.colours.site import Site
from alchemove_codemods.facts import FunctionFacts, last_name
from alchemove_codemods.trees import walk
from alchemove_codemods.values import UNKNOWN

_LEAVING = (ast.Raise, ast.Return)
_ADDING = frozenset({"add", "add_all"})
"""What is new is taken out of the session, and keeps what it has."""


def is_read_behind_savepoint(graph: Graph, site: Site) -> bool:
    """Whether an object is changed below the ``begin_nested()`` of *site*, and read where its rollback has been caught."""
    block = _block(site)
    if block is None:
        return False
    changed = {ast.unparse(n) for n in _changed(graph, site.function, block)}
    return bool(changed) and any(
        isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load) and ast.unparse(node.value) in changed
        for statement in _behind(site, block)
        for node in walk(statement)
    )


def expires_given(graph: Graph, site: Site) -> bool:
    """Whether the function of *site* goes on after the rollback of its ``begin_nested()``, which may expire an object that it was given."""
    return not _expired(graph, site).isdisjoint(parameter.arg for parameter in site.function.parameters)


def gives_expired(graph: Graph, site: Site) -> bool:
    """Whether the function of *site* may give back an object that the rollback of its ``begin_nested()`` has expired."""
    block = _block(site)
    returns = (n for s in _behind(site, block) for n in walk(s) if isinstance(n, ast.Return)) if block else ()
    values = (r.value for r in returns if r.value is not None)
    return not _expired(graph, site).isdisjoint(
        n.id for value in values for n in walk(value) if isinstance(n, ast.Name)
    )


def _expired(graph: Graph, site: Site) -> frozenset[str]:
    """The names of the objects that are changed below the ``begin_nested()`` of *site*, but not made there, if its rollback is caught."""
    block = _block(site)
    if block is None or not _is_caught(site, block):
        return frozenset()
    made = {n.id for n in walk(block) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return frozenset(_root(n) for n in _changed(graph, site.function, block)) - made


def _block(site: Site) -> ast.With | ast.AsyncWith | None:
    parents = site.function.module.source.parents
    item = parents.get(site.node)
    block = parents.get(item) if isinstance(item, ast.withitem) else None
    return block if isinstance(block, (ast.With, ast.AsyncWith)) else None


def _root(node: ast.expr) -> str:
    """The name that *node* begins with."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _changed(graph: Graph, function: FunctionFacts, block: ast.With | ast.AsyncWith) -> Iterator[ast.expr]:
    """The expressions for mapped objects that may be changed in *block*."""
    return (node for node in _touched(block) if _may_be_mapped(graph, function, node))


def _may_be_mapped(graph: Graph, function: FunctionFacts, node: ast.expr) -> bool:
    value = graph.value(function, node)
    return is_mapped_value(graph, value) or value == UNKNOWN


def _touched(block: ast.With | ast.AsyncWith) -> Iterator[ast.expr]:
    """What stands in *block* that is given attributes, or is given to something that may change it."""
    for statement in block.body:
        for node in walk(statement):
            match node:
                case ast.Attribute(value=ast.Name() | ast.Attribute() as base, ctx=ast.Store() | ast.Del()):
                    yield base
                case ast.Call(func=callee, args=arguments, keywords=keywords):
                    if isinstance(callee, ast.Attribute):
                        yield callee.value
                    if last_name(callee) not in _ADDING:
                        yield from (a for a in (*arguments, *(k.value for k in keywords)) if isinstance(a, ast.Name))


def _behind(site: Site, block: ast.AST) -> Iterator[ast.AST]:
    """What may run when an exception has left *block* and was caught in the function."""
    parents = site.function.module.source.parents
    at: ast.AST = block
    while at is not site.function.node:
        below, holder = at, parents.get(at)
        match holder:
            case None:
                return
            case ast.Try(body=body, handlers=handlers) if below in body:
                for handler in handlers:
                    yield from handler.body
                    if not isinstance(handler.body[-1], _LEAVING):
                        yield from following(parents, handler.body[-1])
            case ast.With(items=items) if any(_suppresses(i) for i in items):
                yield from following(parents, holder)
        at = holder


def _is_caught(site: Site, block: ast.AST) -> bool:
    """Whether the function may go on, or return, when an exception has left *block*."""
    parents = site.function.module.source.parents
    at: ast.AST | None = block
    while at is not None and at is not site.function.node:
        match parents.get(at):
            case ast.Try(body=body, handlers=handlers) if at in body:
                if any(not isinstance(handler.body[-1], ast.Raise) for handler in handlers):
                    return True
            case ast.With(items=items) if any(_suppresses(i) for i in items):
                return True
        at = parents.get(at)
    return False


def _suppresses(item: ast.withitem) -> bool:
    return isinstance(item.context_expr, ast.Call) and last_name(item.context_expr.func) == "suppress"
