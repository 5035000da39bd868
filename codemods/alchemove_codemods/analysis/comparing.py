"""Statements that are compared by their structure: that of a Query and a ``select()`` are never the same, whatever they say.

``a.statement.compare(b.statement)`` gives the same after the rewrite if both are rewritten, or none of them.
"""

from __future__ import annotations

import ast

from alchemove_codemods.analysis import expressions
from alchemove_codemods.analysis.frame import Frame
from alchemove_codemods.values import Query, parts


def compared(frame: Frame, node: ast.Call, function: ast.Attribute) -> None:
    """``statement.compare(other)``: the queries on both sides convert together, one that has none beside it stays."""
    sides = [_queries(frame, side) for side in (function.value, *node.args)]
    queries = [query for side in sides for query in side]
    if len(sides) == 2 and all(len(side) == 1 for side in sides):
        queries[0].component.unite(queries[1].component)
        return
    for query in queries:
        frame.escape(node, query, "query-inspected", "compare")


def _queries(frame: Frame, node: ast.expr) -> list[Query]:
    """The queries that *node* may be the statement of; none where it may be something else as well."""
    if not isinstance(node, ast.Attribute) or node.attr != "statement":
        return []
    return [v for v in parts(expressions.evaluate(frame, node.value)) if isinstance(v, Query)]
