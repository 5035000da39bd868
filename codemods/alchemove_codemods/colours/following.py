"""What may run behind a statement of a function."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping

_LEAVING = (ast.Raise, ast.Return)


def following(parents: Mapping[ast.AST, ast.AST], node: ast.AST) -> Iterator[ast.AST]:
    """The statements that may run after *node*: those after it in its block, in the blocks around, and whole loops.

    What stands in a lambda is taken for run where that stands, or later.
    """
    at: ast.AST | None = node
    while at is not None and not isinstance(at, (ast.FunctionDef, ast.AsyncFunctionDef)):
        holder = parents.get(at)
        for block in _blocks(holder):
            if isinstance(at, ast.stmt) and at in block:
                rest = block[block.index(at) + 1 :]
                yield from rest
                if any(isinstance(s, _LEAVING) for s in rest):
                    return
        if isinstance(holder, ast.Try) and at not in holder.finalbody:
            yield from holder.finalbody
        if isinstance(holder, (ast.For, ast.While, ast.AsyncFor)):
            yield holder
        at = holder


def _blocks(node: ast.AST | None) -> Iterable[list[ast.stmt]]:
    return [b for b in (getattr(node, n, None) for n in ("body", "orelse", "finalbody")) if isinstance(b, list)]
