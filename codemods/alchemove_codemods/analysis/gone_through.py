"""Variables that hold a query on one branch and a list on another, and are gone through right afterwards.

    if name:
        users = session.query(User).filter_by(name=name)
    else:
        users = session.query(User).all()
    for user in users:

Nothing happens between the branch and the loop, and nobody else asks for the variable: the query may as well be run where it is assigned.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Sequence

from alchemove_codemods.trees import walk

_BLOCKS = ("body", "orelse", "finalbody")
_DISPLAYS = (ast.List, ast.Tuple, ast.Set, ast.Dict, ast.ListComp, ast.SetComp)
_LEAVING = (ast.Return, ast.Raise, ast.Continue, ast.Break)


@functools.lru_cache(maxsize=1 << 14)
def right_away(function: ast.AST) -> frozenset[ast.expr]:
    """The expressions that branches of *function* assign to such variables."""
    if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return frozenset()
    found: set[ast.expr] = set()
    for node in walk(function):
        blocks = [getattr(node, name, None) for name in _BLOCKS]
        for block in (b for b in blocks if isinstance(b, list)):
            for index, statement in enumerate(block):
                name = _gone_through(statement)
                if name is not None:
                    found |= _assigned(block, index, name)
    return frozenset(value for value in found if _is_asked_once(function, value))


def _gone_through(statement: ast.stmt) -> str | None:
    """The variable whose items *statement* asks for before anything else."""
    match statement:
        case (
            ast.For(iter=ast.Name(id=name))
            | ast.Return(value=ast.ListComp(generators=[ast.comprehension(iter=ast.Name(id=name)), *_]))
            | ast.Assign(value=ast.ListComp(generators=[ast.comprehension(iter=ast.Name(id=name)), *_]))
        ):
            return name
    return None


def _assigned(block: Sequence[ast.stmt], index: int, name: str) -> set[ast.expr]:
    """What the branches before the statement at *index* assign to *name*, if one of them is a list by its look."""
    at = index - 1
    while at >= 0 and _is_harmless(block[at], name):
        at -= 1
    if at < 0 or not isinstance(branch := block[at], ast.If):
        return set()
    values = _tails(branch.body, name)
    if branch.orelse:
        others = _tails(branch.orelse, name)
    else:
        before = _value(block[at - 1], name) if at else None
        others = [before] if before is not None and _is_list(before) else None
    if values is None or others is None or not any(map(_is_list, (*values, *others))):
        return set()
    return {*values, *others}


def _tails(block: Sequence[ast.stmt], name: str) -> list[ast.expr] | None:
    """What the ends of *block* assign to *name*, None where one of them does something else."""
    last = block[-1]
    if isinstance(last, _LEAVING):
        return []
    if isinstance(last, ast.If) and last.orelse:
        values, others = _tails(last.body, name), _tails(last.orelse, name)
        return [*values, *others] if values is not None and others is not None else None
    value = _value(last, name)
    return [value] if value is not None else None


def _value(statement: ast.stmt, name: str) -> ast.expr | None:
    match statement:
        case ast.Assign(targets=[ast.Name(id=assigned)], value=value) if assigned == name:
            return value
    return None


def _is_harmless(statement: ast.stmt, name: str) -> bool:
    """Whether *statement* only makes something empty or constant, of another name."""
    match statement:
        case ast.Assign(targets=[ast.Name(id=other)], value=value) if other != name:
            match value:
                case ast.Constant() | ast.List(elts=[]) | ast.Dict(keys=[]):
                    return True
                case ast.Call(func=ast.Name(id="list" | "dict" | "set"), args=[], keywords=[]):
                    return True
    return False


def _is_list(value: ast.expr) -> bool:
    match value:
        case ast.Call(func=ast.Attribute(attr="all"), args=[], keywords=[]):
            return True
        case ast.Call(func=ast.Name(id="list" | "sorted")):
            return True
    return isinstance(value, _DISPLAYS)


def _is_asked_once(function: ast.AST, value: ast.expr) -> bool:
    """Whether the variable that *value* is assigned to is read in one place of *function*."""
    names = [
        node.targets[0].id
        for node in walk(function)
        if isinstance(node, ast.Assign) and node.value is value and isinstance(node.targets[0], ast.Name)
    ]
    read = [n for n in walk(function) if isinstance(n, ast.Name) and n.id in names and not isinstance(n.ctx, ast.Store)]
    outside = any(isinstance(n, (ast.Global, ast.Nonlocal)) and set(names) & set(n.names) for n in walk(function))
    return len(read) == 1 and not outside
