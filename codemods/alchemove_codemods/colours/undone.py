"""Objects that a rollback may have taken out of their session again: made, added, and rolled back before they are handed on.

``refresh()`` raises for such an object, where a commit of the sync session leaves it alone.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from alchemove_codemods.colours.following import following
from alchemove_codemods.colours.graph import Graph
from alchemove_codemods.colours.loads.passing import passed
from alchemove_codemods.colours.loads.scopes import given
from alchemove_codemods.facts import FunctionFacts
from alchemove_codemods.trees import walk

if TYPE_CHECKING:
    from alchemove_codemods.colours.changes import Changes

_DEEPEST = 4


def may_be_undone(graph: Graph, changes: Changes, function: FunctionFacts, name: str, depth: int = 0) -> bool:
    """Whether what callers pass to *function* as its parameter *name* may be an object that was added and rolled back."""
    for site in graph.callers.get(function, ()) if depth < _DEEPEST else ():
        held = passed(function, name, site.node) if isinstance(site.node, ast.expr) else None
        if not isinstance(held, ast.Name):
            continue
        caller = site.function
        ways = given(caller, caller.module.source.parents, held)
        if any(w.kind == "parameter" for w in ways) and may_be_undone(graph, changes, caller, held.id, depth + 1):
            return True
        made = any(isinstance(w.node, ast.Call) and _makes(graph, changes, caller, w.node) for w in ways)
        if made and is_rolled_back(graph, caller, site.node):
            return True
    return False


def _makes(graph: Graph, changes: Changes, function: FunctionFacts, call: ast.Call) -> bool:
    """Whether *call* makes a mapped object, or is one of a function that may."""
    return bool(changes.constructed(function, call)) or graph.knowledge.calls.get(call.func) in graph.talking


def is_rolled_back(graph: Graph, function: FunctionFacts, node: ast.AST, made: ast.AST | None = None) -> bool:
    """Whether a rollback of *function* may come before *node*, and behind *made*."""
    source = function.module.source
    return any(
        site.kind == "io"
        and site.name == "rollback"
        and (made is None or source.start(made) < source.start(site.node))
        and any(node in walk(s) for s in following(source.parents, site.node))
        for site in graph.sites.get(function, ())
    )
