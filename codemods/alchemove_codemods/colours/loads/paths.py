"""Whether what stands in a function can be run before something else in it, or before the function ends normally."""

from __future__ import annotations

import ast

from alchemove_codemods.facts import FunctionFacts, last_name
from alchemove_codemods.trees import suites, walk


def leads_to(function: FunctionFacts, node: ast.AST, until: ast.AST | None) -> bool:
    """Whether *until* (None: the end, or any ``return``) may be reached once *node* of *function* was run.

    It is not if *node* stands in statements that end with ``raise``, or with a ``return`` that *until* is not part of.
    """
    parents = function.module.source.parents
    until = None if until is function.node else until
    below: ast.AST = node
    at = parents.get(node)
    while at is not None and below is not function.node:
        for suite in suites(at):
            if below in suite and _leaves(suite[-1], until) and not any(until in walk(s) for s in suite if until):
                return isinstance(suite[-1], ast.Raise) and is_caught(function, suite[-1])
        below, at = at, parents.get(at)
    return True


def is_caught(function: FunctionFacts, node: ast.AST) -> bool:
    """Whether *function* may go on when *node* raises: somebody around it catches that, and does not raise in turn."""
    parents = function.module.source.parents
    below: ast.AST = node
    at = parents.get(node)
    while at is not None and below is not function.node:
        match at:
            case ast.Try(body=body, handlers=handlers) if below in body:
                if any(not isinstance(h.body[-1], ast.Raise) for h in handlers):
                    return True
            case ast.With(items=items) | ast.AsyncWith(items=items):
                if any(
                    isinstance(i.context_expr, ast.Call) and last_name(i.context_expr.func) == "suppress" for i in items
                ):
                    return True
        below, at = at, parents.get(at)
    return False


def _leaves(last: ast.stmt, until: ast.AST | None) -> bool:
    return isinstance(last, ast.Raise) or (isinstance(last, ast.Return) and until is not None)
