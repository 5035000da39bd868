"""Objects that are changed below a savepoint whose rollback is caught: it expires them, and only them.

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
    parents = site.function.module.source.parents
    item = parents.get(site.node)
    block = parents.get(item) if isinstance(item, ast.withitem) else None
    if not isinstance(block, (ast.With, ast.AsyncWith)):
        return False
    changed = {ast.unparse(n) for n in _changed(block) if _may_be_mapped(graph, site.function, n)}
    return bool(changed) and any(
        isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load) and ast.unparse(node.value) in changed
        for statement in _behind(site, block)
        for node in walk(statement)
    )


def _may_be_mapped(graph: Graph, function: FunctionFacts, node: ast.expr) -> bool:
    value = graph.value(function, node)
    return is_mapped_value(graph, value) or value == UNKNOWN


def _changed(block: ast.With | ast.AsyncWith) -> Iterator[ast.expr]:
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


def _suppresses(item: ast.withitem) -> bool:
    return isinstance(item.context_expr, ast.Call) and last_name(item.context_expr.func) == "suppress"
