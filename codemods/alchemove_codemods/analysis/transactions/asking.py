"""What may send a statement to the database: a method of the session, a function that is given it, a relationship that is read.

Columns of objects are read and assigned without one, as long as nothing has expired them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from alchemove_codemods.analysis.transactions.reach import Reach
from alchemove_codemods.facts import last_name
from alchemove_codemods.trees import children

_COUNTS = frozenset({"rowcount", "lastrowid"})


def may_ask(node: ast.AST, reach: Reach) -> bool:
    """Whether *node*, its parts aside, may ask the database, where nothing was committed before."""
    match node:
        case ast.Call(func=function, args=args, keywords=keywords):
            given = [*args, *(k.value for k in keywords)]
            owner = function.value if isinstance(function, ast.Attribute) else function
            return any(reach.level(each) for each in (owner, *given))
        case ast.Attribute(value=base, ctx=ast.Load()):
            return bool(reach.level(base)) and not reach.cut(node)
        case ast.For(iter=iterable) | ast.AsyncFor(iter=iterable) | ast.comprehension(iter=iterable):
            return bool(reach.level(iterable))
        case ast.Starred(value=value) | ast.Await(value=value) | ast.withitem(context_expr=value):
            return bool(reach.level(value))
    return False


def is_count(node: ast.AST, reach: Reach) -> bool:
    """Whether *node* is how many rows a statement has changed: ``result.rowcount``, which a result knows when its session has ended."""
    match node:
        case ast.Attribute(value=ast.Name(id=name), attr=attr) if attr in _COUNTS:
            bound = reach.bound.get(name, [])
            return bool(bound) and all(isinstance(b, ast.Call) and last_name(b.func) == "execute" for b in bound)
    return False


def needs_session(node: ast.AST, reach: Reach) -> bool:
    """Whether *node* has a name that belongs to the session, but for such counts."""
    if is_count(node, reach):
        return False
    if isinstance(node, ast.Name):
        return isinstance(node.ctx, ast.Load) and bool(reach.levels.get(node.id))
    return any(needs_session(child, reach) for child in children(node))


def asked_only_for_counts(name: str, body: Iterable[ast.AST], reach: Reach) -> bool:
    """Whether all that *body* reads of the variable *name* are such counts."""
    pending = list(body)
    while pending:
        node = pending.pop()
        if is_count(node, reach):
            continue
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load):
            return False
        pending += children(node)
    return True
