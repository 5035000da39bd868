"""Slices and items of a query: LIMIT and OFFSET, and a list.

    query(User)[:10]       ->  session.scalars(select(User).slice(0, 10)).all()
    query(User)[5:10]      ->  session.scalars(select(User).slice(5, 10)).all()
    query(User)[0]         ->  session.scalars(select(User).slice(0, 1)).all()[0]

Bounds have to be numbers in the source: for negative ones, and for an empty range, Query does something else.
"""

from __future__ import annotations

import ast

from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.layout import Link
from alchemove_codemods.rewrite.views import Refusal, Terminal


@rule(
    "query-item",
    stage="select",
    on=("__getitem__",),
    reasons={
        "slice-bounds": "The bounds of the slice are not known to be numbers with 0 <= start < stop. Use limit() and offset()."
    },
)
def query_item(end: Terminal) -> str | Refusal:
    """``query[...]``."""
    node = end.step.node
    assert isinstance(node, ast.Subscript)
    select = end.select
    match node.slice:
        case ast.Constant(value=int() as index) if not isinstance(index, bool):
            if index < 0:
                return Refusal("slice-bounds")
            return end.run("all", select=select.plus(Link("slice", f"({index}, {index + 1})"))) + "[0]"
        case ast.Slice(lower=lower, upper=upper, step=step):
            bounds = (_bound(lower), _bound(upper), _bound(step))
            if any(b == "?" for b in bounds):
                return Refusal("slice-bounds")
            start, stop, stride = bounds
            if isinstance(start, int) and isinstance(stop, int) and start >= stop:
                return Refusal("slice-bounds")
            if stop == 0:
                return Refusal("slice-bounds")
            if start is None and stop is None:
                text = end.run("all")
            else:
                text = end.run("all", select=select.plus(Link("slice", f"({start or 0}, {stop})")))
            return f"{text}[::{stride}]" if stride is not None else text
    return Refusal("slice-bounds")


def _bound(node: ast.expr | None) -> int | str | None:
    match node:
        case None:
            return None
        case ast.Constant(value=int() as value) if value >= 0 and not isinstance(value, bool):
            return value
    return "?"
