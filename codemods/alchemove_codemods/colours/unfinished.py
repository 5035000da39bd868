"""Endpoints whose request may end with changes that nobody committed: the legacy session drops them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from alchemove_codemods.colours.holders import Holder
from alchemove_codemods.facts import FunctionFacts

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours


def unfinished(colours: Colours) -> frozenset[FunctionFacts]:
    """The endpoints after which something uncommitted may be in the session that FastAPI gave to the request."""
    talking = colours.graph.talking
    return frozenset(f for f in colours.roots.endpoints if f in talking and _leaves_writes(colours, f))


def first_statement(function: FunctionFacts) -> ast.stmt | None:
    """The first statement of *function* after its docstring; None if there is none."""
    match getattr(function.node, "body", None):
        case [ast.Expr(value=ast.Constant(value=str())), *rest] | [*rest]:
            return next((s for s in rest if isinstance(s, ast.stmt)), None)
    return None


def starts_a_line(function: FunctionFacts, statement: ast.stmt) -> bool:
    """Whether another statement can be put on a line before *statement*."""
    source = function.module.source
    before = source.text[source.starts[statement.lineno - 1] : source.start(statement)]
    return not before.strip() and not getattr(statement, "decorator_list", ())


def _leaves_writes(colours: Colours, function: FunctionFacts) -> bool:
    state = given = False
    seen: set[FunctionFacts] = set()

    def run(each: FunctionFacts) -> None:
        nonlocal state, given
        if each in seen or colours.requests.hands_out(each):
            return
        seen.add(each)
        for injection in colours.roots.injections.get(each, ()):
            given = given or Holder("parameter", each, injection.parameter.arg) in colours.injected
            if injection.provider is not None:
                run(injection.provider)
        state = colours.writes.after(each, state)

    run(function)
    # Without a session of the request, what is written is in a session that the function opened, and ends as before.
    return state and given
