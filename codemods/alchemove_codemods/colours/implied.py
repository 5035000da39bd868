"""Special methods that syntax calls: ``with``, ``for``, ``in``, truth, indexing, operators.

https://docs.python.org/3/reference/datamodel.html#special-method-names
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

_ITERATION = ("__iter__",)
_TRUTH = ("__bool__", "__len__")
_COMPARISONS: dict[type[ast.cmpop], tuple[str, ...]] = {
    ast.Eq: ("__eq__",),
    ast.NotEq: ("__ne__", "__eq__"),
    ast.Lt: ("__lt__", "__gt__"),
    ast.LtE: ("__le__", "__ge__"),
    ast.Gt: ("__gt__", "__lt__"),
    ast.GtE: ("__ge__", "__le__"),
}
_OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.MatMult: "matmul",
    ast.Div: "truediv",
    ast.FloorDiv: "floordiv",
    ast.Mod: "mod",
    ast.Pow: "pow",
    ast.LShift: "lshift",
    ast.RShift: "rshift",
    ast.BitOr: "or",
    ast.BitXor: "xor",
    ast.BitAnd: "and",
}
_INDEXING: dict[type[ast.expr_context], str] = {
    ast.Load: "__getitem__",
    ast.Store: "__setitem__",
    ast.Del: "__delitem__",
}

IMPLYING = frozenset(
    {
        *(ast.With, ast.For, ast.comprehension, ast.Starred, ast.YieldFrom, ast.Assign, ast.Subscript, ast.AugAssign),
        *(ast.Compare, ast.BoolOp, ast.If, ast.While, ast.IfExp, ast.Assert, ast.UnaryOp, ast.BinOp),
    }
)
"""The nodes that :func:`implied` may have something to say about."""

Implied = tuple[ast.expr, tuple[str, ...]]


def implied(node: ast.AST) -> Iterator[Implied]:
    """The operands of *node*, and the special methods that Python may call on each because of it."""
    match node:
        case ast.With(items=items):
            for item in items:
                yield item.context_expr, ("__enter__", "__exit__")
        case ast.For(iter=value) | ast.comprehension(iter=value, is_async=0):
            yield value, _ITERATION
        case ast.Starred(value=value) | ast.YieldFrom(value=value) | ast.Assign(targets=[ast.Tuple()], value=value):
            yield value, _ITERATION
        case ast.Subscript(value=value, ctx=context):
            yield value, (_INDEXING[type(context)],)
        case ast.Compare(left=left, ops=operators, comparators=operands):
            yield from _compared([left, *operands], operators)
        case ast.BoolOp(values=values):
            for value in values:
                yield value, _TRUTH
        case (
            ast.If(test=value)
            | ast.While(test=value)
            | ast.IfExp(test=value)
            | ast.Assert(test=value)
            | ast.UnaryOp(op=ast.Not(), operand=value)
        ):
            yield value, _TRUTH
        case ast.BinOp(left=left, op=operator, right=right):
            name = _OPERATORS[type(operator)]
            yield left, (f"__{name}__",)
            yield right, (f"__r{name}__",)
        case ast.AugAssign(target=target, op=operator):
            name = _OPERATORS[type(operator)]
            yield target, (f"__i{name}__", f"__{name}__")


def _compared(operands: list[ast.expr], operators: list[ast.cmpop]) -> Iterator[Implied]:
    for left, operator, right in zip(operands, operators, operands[1:]):
        match operator:
            case ast.In() | ast.NotIn():
                yield right, ("__contains__", "__iter__")
            case _ if type(operator) in _COMPARISONS:
                for operand in (left, right):
                    yield operand, _COMPARISONS[type(operator)]
