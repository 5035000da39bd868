"""What functions of libraries do with the session that they are given, where that is known."""

from __future__ import annotations

import ast

from alchemove_codemods.colours.graph import Graph
from alchemove_codemods.facts import FunctionFacts
from alchemove_codemods.values import External, parts

READING = frozenset(
    {
        "fastapi_pagination.ext.sqlalchemy.paginate",
        "fastapi_pagination.ext.sqlmodel.paginate",
        "fastapi_pagination.ext.sqlalchemy_future.paginate",
        "sqlakeyset.get_page",
        "sqlakeyset.select_page",
        "sqlakeyset.get_homogeneous_pages",
        "sqlakeyset.select_homogeneous_pages",
    }
)
"""Functions that send SELECTs only: they leave nothing behind that would have to be committed.

From the sources of fastapi-pagination 0.9 to 0.16 and sqlakeyset 2. With an AsyncSession fastapi-pagination calls the same
function `apaginate` from 0.13 on, and `paginate` before that; inside ``run_sync`` the sync one works in all versions.
"""


def only_reads(graph: Graph, function: FunctionFacts, node: ast.AST) -> bool:
    """Whether the call *node* in *function* is one of a library that is known to read only."""
    if not isinstance(node, ast.Call):
        return False
    called = list(parts(graph.value(function, node.func)))
    return bool(called) and all(isinstance(v, External) and v.name in READING for v in called)
