"""distinct: the same on ``select()``, but for what SQLAlchemy 1.x adds to it.

    .distinct().order_by(User.name)     ->  .distinct().order_by(User.name)

Up to 1.4 a Query with DISTINCT also selects the columns that it is ordered by, which makes more rows distinct, and ``select()`` does not. Where a project allows
SQLAlchemy 1.x only, what is not selected anyway is refused.
"""

from __future__ import annotations

import ast

from alchemove_codemods.facts import last_name
from alchemove_codemods.pinned import only_below
from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.layout import Link
from alchemove_codemods.rewrite.views import Builder, Refusal
from alchemove_codemods.values import Class, Sql

_DIRECTIONS = frozenset({"desc", "asc", "nulls_first", "nulls_last", "nullsfirst", "nullslast"})


@rule(
    "distinct",
    stage="select",
    on=("distinct",),
    reasons={
        "distinct-order": "SQLAlchemy 1.x adds the columns of ORDER BY to a DISTINCT of a Query, not to one of select(). Select them, or order by what is selected."
    },
)
def distinct(call: Builder) -> list[Link] | Refusal:
    """The method is the same, behind an order of what is selected."""
    if "order_by" in call.before.may and not call.positional and adds_columns(call):
        orders = [step for step in call.chain.builders if step.method == "order_by"]
        if not orders or not all(orders_by_selected(Builder(call.chain, step, call.so_far)) for step in orders):
            return Refusal("distinct-order")
    return [call.link("distinct")]


def adds_columns(call: Builder) -> bool:
    """Whether a Query of the project adds what it is ordered by to DISTINCT."""
    return only_below(call.file.knowledge.sqlalchemy, (2, 0))


def orders_by_selected(call: Builder) -> bool:
    """Whether all that ``order_by()`` names is selected, or is text, which adds nothing."""
    return not call.call.keywords and all(_is_selected(call, argument) for argument in call.positional)


def _is_selected(call: Builder, argument: ast.expr) -> bool:
    value, node = call.value(argument) if not isinstance(argument, ast.Starred) else None, argument
    while isinstance(node, ast.Call):
        if isinstance(node.func, ast.Attribute) and node.func.attr in _DIRECTIONS and not node.args:
            node = node.func.value
        elif last_name(node.func) in _DIRECTIONS and len(node.args) == 1:
            node = node.args[0]
        else:
            return False
    if isinstance(node, ast.Constant):
        return True
    if not isinstance(node, ast.Attribute) or not isinstance(value, Sql) or value.opaque:
        return False
    for element in call.before.elements or ():
        match element.value:
            case Class(facts=cls):
                found = call.models.attribute(cls, node.attr)
                if value.owners == {element.value} and found is not None and found.kind == "column":
                    return True
            case Sql(kind="column", owners=owners) if element.name == node.attr and owners == value.owners:
                return True
    return False
