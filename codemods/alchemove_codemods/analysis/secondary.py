"""What is asked of a many-to-many relationship that is dynamic: of its objects alone, or of other tables as well.

The query of such a relationship has the secondary table in FROM under its own name, ``with_parent()`` puts it there under another one. That is
the same as long as nothing else of the statement means that table: a column of it, a subquery that would be correlated with it, a
class that is mapped to it.
"""

from __future__ import annotations

import ast
import re

from alchemove_codemods.analysis import expressions
from alchemove_codemods.analysis.arguments import Argument
from alchemove_codemods.analysis.frame import Frame
from alchemove_codemods.facts import last_name
from alchemove_codemods.trees import walk
from alchemove_codemods.values import Class, Query, Sql, State, Value, parts

_STATEMENT = re.compile(r"select|query|exists|\.c\b|\.columns\b|text\(")
_OF_OBJECTS = frozenset({"filter", "where", "filter_by", "order_by", "limit", "offset"})


def noted(frame: Frame, before: State, after: State, method: str, arguments: list[Argument]) -> State:
    """The state *after* the call of *method*, which says whether only objects of the relationship were spoken of."""
    if "dynamic-secondary" not in before.may or before.elements is None:
        return after
    target = before.elements[0].value
    told = method in ("filter_by", "limit", "offset") or all(_is_criterion(a.value, target) for a in arguments)
    asks_more = (
        method not in _OF_OBJECTS
        or not told
        or any(
            _means_more(frame, target, node, named=argument.name is not None)
            for argument in arguments
            for node in walk(argument.node)
        )
    )
    return after.with_("beside-secondary") if asks_more else after


def _is_criterion(value: Value, target: Value) -> bool:
    """Whether *value* is an expression of columns of *target*."""
    return isinstance(value, Sql) and value.kind in ("column", "expression") and value.owners == {target}


def _means_more(frame: Frame, target: Value, node: ast.AST, *, named: bool) -> bool:
    """Whether the expression *node*, a part of an argument, may bring in another table; *named* is one of ``filter_by()``."""
    if isinstance(node, (ast.Lambda, ast.ListComp, ast.GeneratorExp, ast.SetComp, ast.DictComp, ast.Starred)):
        return True
    if not isinstance(node, (ast.Name, ast.Attribute, ast.Call)):
        return False
    if isinstance(node, ast.Call) and last_name(node.func) in ("in_", "not_in", "notin_"):
        return not (node.args and isinstance(node.args[0], (ast.List, ast.Tuple, ast.Set)))
    if isinstance(node, ast.Name) and _is_assigned_a_statement(frame, node.id):
        return True
    for value in parts(expressions.evaluate(frame, node)):
        match value:
            case Query():
                return True
            case Class() if value != target:
                return True
            case Sql(kind="column" | "expression", owners=owners, opaque=False, core=core):
                if core or named or not owners <= {target}:
                    return True
            case Sql(kind="relationship" | "aggregate" | "select" | "exists" | "table" | "text" | "bundle"):
                return True
            case Sql(opaque=True):
                return True
    return False


def _is_assigned_a_statement(frame: Frame, name: str) -> bool:
    """Whether the variable *name* of the function may hold a subquery or a column of another table."""
    return any(
        isinstance(node, ast.Assign)
        and any(isinstance(target, ast.Name) and target.id == name for target in node.targets)
        and _STATEMENT.search(frame.module.source.segment(node.value)) is not None
        for node in walk(frame.function.node)
    )
