"""Which functions of a file hold which lines."""

from __future__ import annotations

import ast
import bisect
import functools
from collections.abc import Iterator

from alchemove_codemods.facts import FunctionFacts, ModuleFacts


def functions_at(module: ModuleFacts, lines: set[int]) -> Iterator[FunctionFacts]:
    """The outermost functions of *module* that hold one of *lines*; its body for lines outside of functions."""
    spans = _spans(module)
    starts = [first for first, _, _ in spans]
    found: dict[FunctionFacts, None] = {}
    outside = False
    for line in sorted(lines):
        at = bisect.bisect_right(starts, line) - 1
        if at >= 0 and line <= spans[at][1]:
            found[spans[at][2]] = None
        else:
            outside = True
    yield from found
    if outside:
        yield module.body


def function_around(module: ModuleFacts, node: ast.AST) -> FunctionFacts:
    """The innermost function of *module* that *node* stands in; the body of the module outside of functions."""
    at: ast.AST | None = module.source.parents.get(node)
    while at is not None:
        if (found := module.functions.get(at)) is not None:
            return found
        at = module.source.parents.get(at)
    return module.body


@functools.lru_cache(maxsize=4096)
def _spans(module: ModuleFacts) -> list[tuple[int, int, FunctionFacts]]:
    """First line, last line and facts of the outermost functions, which do not overlap, in order."""
    return sorted(
        (
            (_first_line(node), node.end_lineno or 0, function)
            for node, function in module.functions.items()
            if function.outer is None and isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        ),
        key=lambda span: span[:2],
    )


def _first_line(node: ast.AST) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    line: int = node.lineno  # type: ignore[attr-defined]
    return min([line, *(d.lineno for d in decorators)])
