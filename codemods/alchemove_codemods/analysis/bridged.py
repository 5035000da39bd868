"""``run_sync`` of an async session: what its function gives is read outside, where the names of rows matter as well."""

from __future__ import annotations

import ast

from alchemove_codemods.analysis import calls, expressions
from alchemove_codemods.analysis.frame import Frame
from alchemove_codemods.values import UNKNOWN, Function, Session, Value, parts, queries_in


def bridges(node: ast.Call, base: Value) -> bool:
    """Whether the call *node* of a method of the session *base* has a sync session do the work."""
    named = isinstance(node.func, ast.Attribute) and node.func.attr == "run_sync"
    return named and bool(node.args) and all(isinstance(v, Session) and v.flavour == "async" for v in parts(base))


def result(frame: Frame, node: ast.Call) -> Value:
    """What the first argument of *node* gives, which is called with the sync session; UNKNOWN if that is a query."""
    given: Value = UNKNOWN
    for argument in (*node.args, *(k.value for k in node.keywords)):
        if argument is node.args[0] and isinstance(argument, ast.Lambda):
            given = expressions.given_by(frame, argument, Session())
            continue
        expression = argument.value if isinstance(argument, ast.Starred) else argument
        value = expressions.evaluate(frame, expression)
        frame.escape(expression, value, "query-escapes")
        if argument is node.args[0] and isinstance(value, Function):
            calls.require(frame, value.facts)
            given = frame.knowledge.read("returns", value.facts, "", frame.function)
    return UNKNOWN if queries_in(given) else given
