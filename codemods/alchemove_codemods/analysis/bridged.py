"""``run_sync`` of an async session: rows that a query gives inside are read outside, where their names matter as well."""

from __future__ import annotations

import ast

from alchemove_codemods.analysis import calls, expressions
from alchemove_codemods.analysis.frame import Frame
from alchemove_codemods.values import UNKNOWN, Function, Mixed, Plain, Row, Session, Value, parts, queries_in


def bridges(node: ast.Call, base: Value) -> bool:
    """Whether the call *node* of a method of the session *base* has a sync session do the work."""
    named = isinstance(node.func, ast.Attribute) and node.func.attr == "run_sync"
    return named and bool(node.args) and all(isinstance(v, Session) and v.flavour == "async" for v in parts(base))


def result(frame: Frame, node: ast.Call) -> Value:
    """The rows of a query that the first argument of *node* gives, UNKNOWN if it gives something else."""
    given: Value = UNKNOWN
    for argument in (*node.args, *(k.value for k in node.keywords)):
        if argument is node.args[0] and isinstance(argument, ast.Lambda):
            given = expressions.given_by(frame, argument)
            continue
        expression = argument.value if isinstance(argument, ast.Starred) else argument
        value = expressions.evaluate(frame, expression)
        frame.escape(expression, value, "query-escapes")
        if argument is node.args[0] and isinstance(value, Function):
            calls.require(frame, value.facts)
            given = frame.knowledge.read("returns", value.facts, "", frame.function)
    return given if _holds_rows(given) and not queries_in(given) else UNKNOWN


def _holds_rows(value: Value | None) -> bool:
    match value:
        case Row():
            return True
        case Plain(of=of, parts=pieces):
            return _holds_rows(of) or any(map(_holds_rows, pieces or ()))
        case Mixed(values=values):
            return any(map(_holds_rows, values))
    return False
