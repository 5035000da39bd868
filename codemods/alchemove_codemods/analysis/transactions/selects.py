"""Queries and statements that select values, not objects: what they give belongs to no session."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from alchemove_codemods.facts import last_name

if TYPE_CHECKING:
    from alchemove_codemods.analysis.transactions.reach import Reach

_TERMINALS = frozenset(
    {
        "all",
        "first",
        "one",
        "one_or_none",
        "fetchall",
        "fetchone",
        "scalar",
        "scalar_one",
        "scalar_one_or_none",
        "count",
    }
)
_CHANGES_COLUMNS = frozenset(
    {
        "with_entities",
        "add_columns",
        "add_entity",
        "with_only_columns",
        "from_self",
        "from_statement",
        "union",
        "union_all",
        "subquery",
    }
)
_RUNS = frozenset({"execute", "scalars", "scalar"})
_VALUES = frozenset({"exists", "count", "literal", "literal_column", "coalesce", "cast", "case"})


def gives_values(node: ast.Call, reach: Reach) -> bool:
    """Whether the call *node* runs something and gives the values of columns and expressions: ``query(User.id).all()``."""
    name = last_name(node.func)
    if name == "scalar" and node.args:
        return selects_values(node.args[0], reach)
    return isinstance(node.func, ast.Attribute) and name in _TERMINALS and selects_values(node.func.value, reach)


def selects_values(node: ast.expr, reach: Reach, depth: int = 0) -> bool:
    """Whether a query, a statement or its result has columns and expressions only; variables are followed."""
    match node:
        case ast.Name(id=name) if name in reach.statements and depth < 4:
            others = [b for b in reach.statements[name] if not _builds_on(b, name)]
            return bool(others) and all(selects_values(b, reach, depth + 1) for b in others)
        case ast.Call(func=function, args=args):
            called = last_name(function)
            if called in ("query", "select"):
                return bool(args) and all(_is_value(a, reach) for a in args)
            if called in _RUNS and args:
                return selects_values(args[0], reach, depth + 1)
            if isinstance(function, ast.Attribute) and called not in _CHANGES_COLUMNS:
                return selects_values(function.value, reach, depth)
    return False


def _builds_on(node: ast.expr, name: str) -> bool:
    """Whether *node* is the variable *name* with builders called on it."""
    while (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr not in _CHANGES_COLUMNS
    ):
        node = node.func.value
    return isinstance(node, ast.Name) and node.id == name


def _is_value(node: ast.expr, reach: Reach) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="func") | ast.Attribute(attr="func"))):
            return True
        case ast.Call(func=ast.Attribute(value=inner, attr="label" | "distinct" | "desc" | "asc")):
            return _is_value(inner, reach)
        case ast.Call(func=function):
            return last_name(function) in _VALUES
        case ast.Attribute():
            return reach.columns.plain(node, None)
        case ast.BinOp(left=left, right=right):
            return _is_value(left, reach) or _is_value(right, reach)
    return False
