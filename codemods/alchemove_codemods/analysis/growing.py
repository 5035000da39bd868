"""Lists that queries are appended to: whether the function that does it is the only one that has the list by then."""

from __future__ import annotations

import ast

from alchemove_codemods.analysis.frame import Frame
from alchemove_codemods.facts import last_name
from alchemove_codemods.trees import walk

_MAKERS = frozenset({"list", "set", "deque"})
_READERS = frozenset(
    {"len", "list", "tuple", "set", "sorted", "reversed", "enumerate", "zip", "bool", "any", "all", "iter"}
)


def is_own_list(frame: Frame, node: ast.Call, name: str) -> bool:
    """Whether the variable *name*, a method of which *node* calls, holds a list that the function has made and given to nobody before."""
    function = frame.function.node
    if isinstance(function, ast.Module) or any(p.arg == name for p in frame.function.parameters):
        return False
    parents, made = frame.module.source.parents, False
    for inner in walk(function):
        if isinstance(inner, (ast.Global, ast.Nonlocal)) and name in inner.names:
            return False
        if not isinstance(inner, ast.Name) or inner.id != name:
            continue
        above = parents[inner]
        if isinstance(inner.ctx, ast.Load):
            if inner.lineno <= node.lineno and not _is_read(inner, above):
                return False
        elif not isinstance(above, (ast.Assign, ast.AnnAssign)) or not _makes_a_list(above.value):
            return False
        else:
            made = True
    return made


def _makes_a_list(node: ast.expr | None) -> bool:
    match node:
        case ast.List() | ast.ListComp() | ast.Set() | ast.SetComp():
            return True
        case ast.Call(func=function):
            return last_name(function) in _MAKERS
    return False


def _is_read(node: ast.Name, above: ast.AST) -> bool:
    """Whether *above* looks into the list *node*, and keeps nothing of it but its items."""
    match above:
        case (
            ast.Attribute() | ast.Subscript() | ast.For() | ast.comprehension() | ast.Return() | ast.If() | ast.While()
        ):
            return True
        case ast.Call(func=function):
            return last_name(function) in _READERS
    return isinstance(above, (ast.BoolOp, ast.UnaryOp, ast.Compare, ast.BinOp, ast.Starred, ast.IfExp))
