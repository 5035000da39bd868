"""Blocks and calls that are cut short when they take too long: ``async with asyncio.timeout(5)``, ``wait_for(work(), 5)``.

What a sync session is asked is never cut short, since nothing else runs meanwhile. An AsyncSession is left in the middle of a statement, and whoever catches the
exception cannot go on with it.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Final

from alchemove_codemods.facts import FunctionFacts, last_name

_BLOCKS: Final = frozenset({"timeout", "timeout_at", "fail_after", "move_on_after"})
_SWALLOWING: Final = "move_on_after"


def cut_short(function: FunctionFacts, call: ast.Call) -> list[ast.AST]:
    """What in *function* the *call* may cut short so that *function* goes on behind it: an argument, or the statements of a block."""
    parents = function.module.source.parents
    name = last_name(call.func)
    if name == "wait_for":
        return [*call.args[:1]] if _goes_on(function.node, call, parents) else []
    item = parents.get(call)
    block = parents.get(item) if name in _BLOCKS and isinstance(item, ast.withitem) else None
    if not isinstance(block, (ast.With, ast.AsyncWith)):
        return []
    return [*block.body] if name == _SWALLOWING or _goes_on(function.node, block, parents) else []


def _goes_on(function: ast.AST, node: ast.AST, parents: Mapping[ast.AST, ast.AST]) -> bool:
    """Whether *function* catches what is raised at *node*."""
    at = node
    while at is not function:
        below, at = at, parents[at]
        match at:
            case ast.Try(body=body, handlers=[_, *_]) if below in body:
                return True
            case ast.With(items=items) if any(last_name(i.context_expr) == "suppress" for i in items):
                return True
    return False
