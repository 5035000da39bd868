"""Sessions that come out of a function of the program which does not say so: ``with self.session() as session``, ``db = get_db()``.

What the function gives is not known, but wherever it is called as ``session()``, without arguments, it gives the same kind of thing: one place that
asks what it gave for a mapped class proves it for all of them.
"""

from __future__ import annotations

import ast
import functools

from alchemove_codemods.analysis import expressions
from alchemove_codemods.analysis.frame import Frame
from alchemove_codemods.facts import last_name
from alchemove_codemods.trees import walk
from alchemove_codemods.values import Function

_NAMES = ("session", "db", "database")


def giver_of(frame: Frame, name: str) -> tuple[object, ...] | None:
    """What stands for the function that gave the variable *name* of the function of *frame* what it holds, in that way."""
    found = _calls_of(frame.function.node).get(name)
    if found is None:
        return None
    how, call = found
    value = expressions.evaluate(frame, call.func)
    return (how, frame.knowledge.overriding(value.facts)[0]) if isinstance(value, Function) else None


@functools.lru_cache(maxsize=1 << 14)
def _calls_of(function: ast.AST) -> dict[str, tuple[str, ast.Call]]:
    """The calls of what is named like a session that *function* assigns to variables, or enters for them."""
    found: dict[str, tuple[str, ast.Call]] = {}
    for node in walk(function):
        match node:
            case ast.withitem(context_expr=ast.Call() as call, optional_vars=ast.Name(id=name)):
                found[name] = ("entered", call)
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as call):
                found[name] = ("given", call)
    return {name: (how, call) for name, (how, call) in found.items() if _gives_a_session(call)}


def _gives_a_session(call: ast.Call) -> bool:
    named = (last_name(call.func) or "").lower()
    return not call.args and not call.keywords and named.endswith(_NAMES)
