"""Endpoints whose request may end with changes that nobody committed: the legacy session drops them.

Where the program listens to commits, those that only read count as well: nobody heard of the end of their requests.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from alchemove_codemods.colours.roots import Injection
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


def line_of(statement: ast.stmt) -> int:
    """The number of the line that *statement* begins on, with its decorators."""
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(d.lineno for d in decorators)])


def starts_a_line(function: FunctionFacts, statement: ast.stmt) -> bool:
    """Whether another statement can be put on a line before *statement*."""
    source = function.module.source
    if getattr(statement, "decorator_list", ()):
        return True  # a decorator begins a line, always
    return not source.text[source.starts[statement.lineno - 1] : source.start(statement)].strip()


def has_a_block(function: FunctionFacts) -> bool:
    """Whether the statements of *function* after its docstring stand on lines of their own, below those of its parameters."""
    first = first_statement(function)
    if first is None or not starts_a_line(function, first) or first.lineno == function.node.lineno:  # type: ignore[attr-defined]
        return False
    return line_of(first) > max((p.end_lineno or 0 for p in function.parameters), default=0)


def given_by(colours: Colours) -> dict[FunctionFacts, str]:
    """What drops the changes for endpoints that do not talk to the database themselves: the functions, and their session.

    What FastAPI gives them does: ``user: User = Depends(current_user)``, where that writes to the user.
    """
    found: dict[FunctionFacts, str] = {}
    for endpoint in colours.roots.endpoints:
        if endpoint in colours.graph.talking or not _leaves_writes(colours, endpoint):
            continue
        held = [
            (function, injection.parameter.arg if injection.owner is None else _of_self(function, injection))
            for function in reversed(_request(colours, endpoint))
            for injection in colours.roots.injections.get(function, ())
            if colours.holders.injected(injection) in colours.asynchronous
        ]
        if held and not any(f in colours.plans and colours.plans[f].discards for f, _ in held):
            found.setdefault(*next((h for h in held if h[0] in found), held[0]))
    return found


def _request(colours: Colours, endpoint: FunctionFacts) -> list[FunctionFacts]:
    """What FastAPI calls for a request, in its order: *endpoint* last, without what makes the session."""
    found: dict[FunctionFacts, None] = {}
    begun: set[FunctionFacts] = set()

    def run(function: FunctionFacts) -> None:
        if function in begun or colours.requests.hands_out(function):
            return
        begun.add(function)
        for injection in colours.roots.injections.get(function, ()):
            if injection.provider is not None:
                run(injection.provider)
        found[function] = None

    run(endpoint)
    return list(found)


def _leaves_writes(colours: Colours, endpoint: FunctionFacts) -> bool:
    state = given = False
    for function in _request(colours, endpoint):
        injections = colours.roots.injections.get(function, ())
        given = given or any(_is_dropped(colours, function, i) for i in injections)
        state = colours.writes.after(function, state)
    # Without a session of the request, what is written is in a session that the function opened, and ends as before.
    return (state or colours.sameness.heard.commits) and given


def _of_self(function: FunctionFacts, injection: Injection) -> str:
    return f"{function.parameters[0].arg}.{injection.parameter.arg}"


def _is_dropped(colours: Colours, function: FunctionFacts, injection: Injection) -> bool:
    """Whether *injection* is the session of the request, and the legacy one drops what nobody commits."""
    held = colours.holders.injected(injection)
    if (watch := colours.providers.watch(injection.provider)) is not None and watch.discards:
        return False  # which says so itself
    return held in colours.injected and colours.providers.end(injection.provider) != "commits"
