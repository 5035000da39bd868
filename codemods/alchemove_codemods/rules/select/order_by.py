"""order_by: the same on ``select()``, but for ``False`` and for text that names the labels of a Query.

    .order_by(False)                    ->  .order_by(None)
    .order_by(text("users_name"))       ->  .order_by(text("users_name")).set_label_style(LABEL_STYLE_TABLENAME_PLUS_COL)

    .order_by(desc("users_name"))       ->  .order_by(desc("users_name")).set_label_style(LABEL_STYLE_TABLENAME_PLUS_COL)

A Query labels its columns ``table_column``; text in ORDER BY may use these labels, so the statement keeps them there. The name of
a column or of a label that was given needs none.
"""

from __future__ import annotations

import ast
import re

from alchemove_codemods.facts import last_name
from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.layout import Link, bare
from alchemove_codemods.rewrite.views import Builder, Refusal
from alchemove_codemods.rules.select.builders import refused_order
from alchemove_codemods.rules.select.distinct import adds_columns, orders_by_selected
from alchemove_codemods.values import Class, Entity, Sql, parts

_PLAIN_ORDER = re.compile(r"\s*[A-Za-z]+(\.\w+)?(\s+(asc|desc))?(\s+nulls\s+(first|last))?\s*", re.IGNORECASE)
_DIRECTIONS = frozenset({"desc", "asc", "nulls_first", "nulls_last", "nullsfirst", "nullslast"})


@rule("order-by", stage="select", on=("order_by",))
def order_by(call: Builder) -> list[Link] | Refusal:
    """``False`` becomes ``None``; text keeps the labels it may name."""
    refusal = refused_order(call)
    if refusal:
        return refusal
    if "distinct" in call.before.may and adds_columns(call) and not orders_by_selected(call):
        return Refusal("distinct-order")
    arguments = None
    if any(isinstance(a, ast.Constant) and a.value is False for a in call.positional):
        arguments = (
            "("
            + ", ".join(
                "None" if isinstance(a, ast.Constant) and a.value is False else call.text(a) for a in call.positional
            )
            + ")"
        )
    link = call.link("order_by", arguments)
    if any(_names_labels(call, a) for a in call.positional):
        style = call.name("LABEL_STYLE_TABLENAME_PLUS_COL")
        return [link, Link("set_label_style", f"({style})", bare(link.joiner))]
    return [link]


def _named(node: ast.expr) -> str | None:
    """The name that a plain text stands for: ``"name"``, ``desc("name")``."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.Call(args=[inner], keywords=[], func=function) if last_name(function) in _DIRECTIONS:
            return _named(inner)
    return None


def _is_selected(call: Builder, name: str) -> bool:
    """Whether *name* is what an element is called, or a column of a class in FROM: both have it whatever the labels are."""
    elements = call.before.elements or ()
    if any(e.name == name for e in elements):
        return True
    for entity in (*(e.value for e in elements), *call.before.froms):
        cls = entity.facts if isinstance(entity, Class) else entity.model if isinstance(entity, Entity) else None
        found = call.models.attribute(cls, name) if cls is not None else None
        if found is not None and found.kind == "column":
            return True
    return False


def _names_labels(call: Builder, node: ast.expr) -> bool:
    inner = node.value if isinstance(node, ast.Starred) else node
    named = _named(inner)
    if named is not None:
        return "_" in named and not _is_selected(call, named)
    if not any(isinstance(v, Sql) and v.kind == "text" for v in parts(call.value(inner))):
        return False
    match inner:
        case ast.Call(args=[ast.Constant(value=str(text))]):
            return not all(_PLAIN_ORDER.fullmatch(part) for part in text.split(","))
    return True
