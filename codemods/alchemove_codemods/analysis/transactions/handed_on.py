"""What is done with a session where it is opened, told to the reader of a report."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from alchemove_codemods.facts import last_name


def done_with(node: ast.AST, parents: Mapping[ast.AST, ast.AST]) -> str:
    """What the statement around *node*, the call that opens a session, does with it; empty where there is no word for that."""
    match parents.get(node):
        case ast.keyword() as keyword:
            return done_with(keyword, parents)
        case ast.Call(func=function) if function is not node:
            return f"given to {last_name(function) or ast.unparse(function)}()"
        case ast.Attribute(attr=attr):
            return f"used at once: .{attr}"
        case ast.Return():
            return "returned"
        case ast.Yield() | ast.YieldFrom():
            return "yielded"
        case ast.Await():
            return "awaited"
        case ast.For() | ast.AsyncFor() | ast.comprehension():
            return "gone through by 'for'"
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript() as target, *_]):
            return f"stored in {ast.unparse(target)}"
        case ast.AsyncWith() | ast.withitem(optional_vars=None):
            return "entered without a name, or by 'async with'"
    return ""
