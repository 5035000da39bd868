"""order_by: the same on ``select()``, but for ``False`` and for text that names the labels of a Query.

    .order_by(False)                    ->  .order_by(None)
    .order_by(text("users_name"))       ->  .order_by(text("users_name")).set_label_style(LABEL_STYLE_TABLENAME_PLUS_COL)

A Query labels its columns ``table_column``; text in ORDER BY may use these labels, so the statement keeps them there.
"""

from __future__ import annotations

import ast
import re

from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.layout import Link, bare
from alchemove_codemods.rewrite.views import Builder, Refusal
from alchemove_codemods.rules.select.builders import refused_order
from alchemove_codemods.values import Sql, parts

_PLAIN_ORDER = re.compile(r"\s*[A-Za-z]+(\.\w+)?(\s+(asc|desc))?(\s+nulls\s+(first|last))?\s*", re.IGNORECASE)


@rule("order-by", stage="select", on=("order_by",))
def order_by(call: Builder) -> list[Link] | Refusal:
    """``False`` becomes ``None``; text keeps the labels it may name."""
    refusal = refused_order(call)
    if refusal:
        return refusal
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


def _names_labels(call: Builder, node: ast.expr) -> bool:
    inner = node.value if isinstance(node, ast.Starred) else node
    if not any(isinstance(v, Sql) and v.kind == "text" for v in parts(call.value(inner))):
        return False
    match inner:
        case ast.Call(args=[ast.Constant(value=str(text))]):
            return not all(_PLAIN_ORDER.fullmatch(part) for part in text.split(","))
    return True
