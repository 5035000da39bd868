"""What may run behind a node of a function, whatever exceptions there are; :mod:`aftermath` asks which."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Final

from alchemove_codemods.analysis.interruptions import may_swallow
from alchemove_codemods.colours.aftermath import may_raise

_LEAVING: Final = (ast.Raise, ast.Return)
_FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef)
_HEADED: Final = (ast.If, ast.While, ast.For, ast.AsyncFor)


def following(parents: Mapping[ast.AST, ast.AST], node: ast.AST, *, raises: bool = False) -> Iterator[ast.AST]:
    """The statements that may run after *node*: those after it in its block, in the blocks around, and whole loops.

    So may the handlers around, where something that comes after *node* can raise, or *node* itself *raises* behind what it does. A ``finally``
    runs in any case. What stands in a lambda is taken for run where that stands, or later.
    """
    at: ast.AST | None = node
    goes_on, may_fail = True, raises
    while at is not None and not isinstance(at, _FUNCTIONS):
        holder = parents.get(at)
        if isinstance(at, _LEAVING):
            goes_on = False
        rest = _rest(holder, at) if goes_on else []
        yield from rest
        goes_on = goes_on and not any(isinstance(s, _LEAVING) for s in rest)
        may_fail = may_fail or any(isinstance(s, ast.Raise) or may_raise(s) for s in rest)
        if isinstance(holder, ast.Try):
            if at in holder.body:
                if goes_on:
                    yield from holder.orelse
                for handler in holder.handlers if may_fail else ():
                    yield from handler.body
                    goes_on = goes_on or not isinstance(handler.body[-1], _LEAVING)
            if at not in holder.finalbody:
                yield from holder.finalbody
        if may_fail and isinstance(holder, (ast.With, ast.AsyncWith)):
            goes_on = goes_on or any(may_swallow(item.context_expr) for item in holder.items)
        if goes_on and isinstance(holder, (ast.For, ast.While, ast.AsyncFor)):
            yield holder
        at = holder


def beside(parents: Mapping[ast.AST, ast.AST], node: ast.AST) -> Iterator[ast.expr]:
    """The expressions in the statement of *node* that are evaluated behind it, or handed on by what it is in: ``page(user, save(db), user.name)``."""
    at, end = node, _end(node)
    while not isinstance(at, ast.stmt) and (holder := parents.get(at)) is not None:
        for child in ast.iter_child_nodes(holder):
            if isinstance(child, ast.expr) and child is not at:
                handed_on = isinstance(child, ast.Name) and isinstance(child.ctx, ast.Load)
                if handed_on or _begin(child) >= end or _is_decided_first(holder, at):
                    yield child
            elif isinstance(child, ast.keyword) and child is not at:
                yield child.value
        at = holder


def _is_decided_first(holder: ast.AST, at: ast.AST) -> bool:
    """Whether *at*, which stands behind the rest of *holder*, is evaluated before it: the test of a conditional expression, the ``for`` of a list."""
    return (isinstance(holder, ast.IfExp) and at is holder.test) or isinstance(at, ast.comprehension)


def _begin(node: ast.expr) -> tuple[int, int]:
    return node.lineno, node.col_offset


def _end(node: ast.AST) -> tuple[int, int]:
    return getattr(node, "end_lineno", 0), getattr(node, "end_col_offset", 0)


def _rest(holder: ast.AST | None, at: ast.AST) -> list[ast.stmt]:
    """The statements below *at* in its block of *holder*, or all of those that *at* is the head of."""
    if isinstance(holder, _HEADED) and isinstance(at, ast.expr):
        return [*holder.body, *holder.orelse]
    if isinstance(holder, ast.Match) and isinstance(at, ast.expr):
        return [statement for case in holder.cases for statement in case.body]
    for name in ("body", "orelse", "finalbody"):
        block = getattr(holder, name, None)
        if isinstance(block, list) and at in block:
            return block[block.index(at) + 1 :]
    return []
