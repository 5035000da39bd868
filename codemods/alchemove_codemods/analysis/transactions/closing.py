"""Where a session is closed by hand in the middle of a function, and nothing uses it any more on that path: the end of the block does that."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING

from alchemove_codemods.analysis.transactions.wrappers import is_call_of
from alchemove_codemods.trees import walk

if TYPE_CHECKING:
    from alchemove_codemods.analysis.transactions.reach import Reach

_HEADS = ("test", "iter", "items", "subject", "target")
_BODIES = ("body", "orelse", "finalbody")


def closed_early(body: list[ast.stmt], name: str, reach: Reach) -> tuple[list[ast.stmt], int]:
    """The ``close()`` of the session *name* in *body* that end its use, and how many statements of *body* come before the last of them.

    One of them may stand in *body* itself, with statements behind it that have nothing to do with the session. The others stand
    right before a ``return`` or ``raise`` that has nothing to do with it either.
    """
    inside = len(body)
    found: list[ast.stmt] = []
    for index, node in enumerate(body):
        if is_call_of(node, name, "close") and not any(_mentions(s, name) for s in body[index + 1 :]):
            found.append(node)
            inside = index
            break
    if inside == 0:
        return [], len(body)
    for node in body[:inside]:
        found += (s for s, following in _before_exits(node, name, guarded=False) if not _asks(following, reach))
    return found, inside


def is_right_before(statement: ast.stmt, leaving: ast.stmt, parents: Mapping[ast.AST, ast.AST]) -> bool:
    """Whether *leaving* is the next statement behind *statement*."""
    holder = parents[statement]
    return any((statement, leaving) in pairwise(block) for block in _blocks(holder))


def _before_exits(node: ast.AST, name: str, *, guarded: bool) -> Iterator[tuple[ast.stmt, ast.stmt]]:
    """Those below *node*, with what follows; *guarded* says that a ``try`` is around, which goes on where something is raised."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return
    if isinstance(node, ast.Try) and any(_mentions(s, name) for s in node.finalbody):
        return
    inner = guarded or isinstance(node, ast.Try)
    for statements in _blocks(node):
        for statement, following in pairwise(statements):
            if not is_call_of(statement, name, "close") or _mentions(following, name):
                continue
            if isinstance(following, ast.Return) or (isinstance(following, ast.Raise) and not inner):
                yield statement, following
        for statement in statements:
            yield from _before_exits(statement, name, guarded=inner)


def _asks(node: ast.stmt, reach: Reach) -> bool:
    """Whether *node* reads something of an object, which a closed session would not have loaded."""
    return any(
        (isinstance(n, ast.Attribute) and reach.level(n.value)) or (isinstance(n, ast.Call) and reach.level(n))
        for n in walk(node)
    )


def read_before_bound(body: list[ast.stmt], name: str) -> bool:
    """Whether *body* reads the variable *name* where it may still have the value from before."""
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            if _mentions(node, name):
                return True
            continue
        if _reads_itself(node, name):
            return True
        if _binds(node, name):
            return False
        if any(read_before_bound(inner, name) for inner in _blocks(node)):
            return True
    return False


def _reads_itself(node: ast.stmt, name: str) -> bool:
    """Whether *node*, the statements below it aside, reads *name*."""
    if not list(_blocks(node)):
        return any(isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Load) for n in walk(node))
    heads = [part for field in _HEADS for part in _listed(getattr(node, field, None))]
    if isinstance(node, (ast.With, ast.AsyncWith)):
        bound = next((i for i, item in enumerate(node.items) if _is_bound(item, name)), len(heads))
        heads = [item.context_expr for item in node.items[: bound + 1]]
    heads += [h.type for h in getattr(node, "handlers", ()) if h.type is not None]
    heads += [c.guard for c in getattr(node, "cases", ()) if c.guard is not None]
    return any(
        isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Load) for head in heads for n in walk(head)
    )


def _binds(node: ast.stmt, name: str) -> bool:
    match node:
        case ast.Assign(targets=targets):
            return any(isinstance(t, ast.Name) and t.id == name for t in targets)
        case ast.AnnAssign(target=ast.Name(id=bound), value=ast.expr()):
            return bound == name
        case ast.With(items=items) | ast.AsyncWith(items=items):
            return any(_is_bound(item, name) for item in items)
    return False


def _is_bound(item: ast.withitem, name: str) -> bool:
    return isinstance(item.optional_vars, ast.Name) and item.optional_vars.id == name


def _blocks(node: ast.AST) -> Iterator[list[ast.stmt]]:
    """The lists of statements right below *node*."""
    for field in _BODIES:
        block = getattr(node, field, None)
        if isinstance(block, list) and block and isinstance(block[0], ast.stmt):
            yield block
    for handler in getattr(node, "handlers", ()):
        yield handler.body
    for case in getattr(node, "cases", ()):
        yield case.body


def _listed(part: object) -> list[ast.AST]:
    if isinstance(part, list):
        return part
    return [part] if isinstance(part, ast.AST) else []


def _mentions(node: ast.AST, name: str) -> bool:
    return any(isinstance(inner, ast.Name) and inner.id == name for inner in walk(node))
