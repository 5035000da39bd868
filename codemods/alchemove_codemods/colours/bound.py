"""Methods of a session that are handed on and called elsewhere, where nothing awaits what an AsyncSession gives.

stack.callback(db.rollback)        save = db.commit        tasks.add_task(db.commit)
"""

from __future__ import annotations

import ast

from alchemove_codemods.colours.site import BOUND, Site
from alchemove_codemods.facts import FunctionFacts, last_name

CALLING = frozenset(
    {
        *("add_task", "submit", "Thread", "create_task", "ensure_future", "gather", "delay", "apply_async"),
        *("run_in_threadpool", "to_thread", "run_in_executor", "BackgroundTask"),
    }
)
"""What calls its arguments later, or keeps them until then."""
LATER = CALLING | {"partial", "dict", "list", "tuple", "set", "setattr"}
"""What keeps its arguments, or runs them later."""


def bound(function: FunctionFacts, node: ast.Attribute, deferred: ast.expr | None) -> Site:
    """The site of *node*, a method of a session that *function* does not call."""
    parents = function.module.source.parents
    around = parents.get(node)
    call = parents.get(around) if isinstance(around, ast.keyword) else around
    if isinstance(call, ast.Call) and last_name(call.func) in LATER:
        return Site("handed", call, function, "kept", node.value, (), deferred)
    return Site("handed", node, function, BOUND, node.value, (), deferred)
