"""Where a node stands: which functions of a file hold which lines, and whether a class is named there or handed on."""

from __future__ import annotations

import ast
import bisect
import functools
from collections.abc import Iterator

from alchemove_codemods.facts import FunctionFacts, ModuleFacts, last_name

_ASKING = frozenset({"isinstance", "issubclass", "super", "cast", "TypeVar"})
"""Functions that do nothing with a class but compare it."""


def functions_at(module: ModuleFacts, lines: set[int]) -> Iterator[FunctionFacts]:
    """The outermost functions of *module* that hold one of *lines*; its body for lines outside of functions, and for what runs there.

    That is what stands above the body of a function: its decorators, with all lambdas in them, and the defaults of its parameters.
    """
    starts, spans = _spans(module)
    found: dict[FunctionFacts, None] = {}
    outside = False
    for line in sorted(lines):
        at = bisect.bisect_right(starts, line) - 1
        if at >= 0 and line <= spans[at][0]:
            found[spans[at][1]] = None
            outside = outside or line <= spans[at][1].node.body[0].lineno  # type: ignore[attr-defined]
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


def is_value(module: ModuleFacts, node: ast.AST) -> bool:
    """Whether the class that *node* names is handed on there, rather than called, inherited from, asked or announced."""
    inner: ast.AST = node
    while (outer := module.source.parents.get(inner)) is not None:
        match outer:
            case ast.Subscript() | ast.Tuple() | ast.List() | ast.BinOp() | ast.UnaryOp():
                inner = outer
            case ast.Call(func=called):
                return called is not inner and last_name(called) not in _ASKING
            case ast.AnnAssign(annotation=annotation):
                return annotation is not inner
            case ast.FunctionDef(returns=returns) | ast.AsyncFunctionDef(returns=returns):
                return returns is not inner
            case ast.Attribute() | ast.ClassDef() | ast.arg() | ast.ExceptHandler() | ast.Raise() | ast.Compare():
                return False
            case _:
                return not isinstance(outer, ast.Expr)
    return False


@functools.lru_cache(maxsize=4096)
def _spans(module: ModuleFacts) -> tuple[list[int], list[tuple[int, FunctionFacts]]]:
    """The first lines of the outermost functions, which do not overlap, in order, and the last line and facts of each."""
    spans = sorted(
        (
            (_first_line(node), node.end_lineno or 0, function)
            for node, function in module.functions.items()
            if function.outer is None and isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        ),
        key=lambda span: span[:2],
    )
    return [first for first, _, _ in spans], [(last, function) for _, last, function in spans]


def _first_line(node: ast.AST) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    line: int = node.lineno  # type: ignore[attr-defined]
    return min([line, *(d.lineno for d in decorators)])
