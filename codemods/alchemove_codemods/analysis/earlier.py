"""What has been evaluated for certain when an expression of a function is reached, whatever path led to it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from alchemove_codemods.source import Source

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Module)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_LEAVING = (ast.Return, ast.Raise, ast.Continue, ast.Break)


def earlier(source: Source, place: ast.AST) -> Iterator[ast.AST]:
    """The expressions, and the statements that assign (loops around it, too), which come before *place* on every path of its function.

    A context manager may swallow what its block raises, so that nothing inside of a ``with`` counts behind it; a ``try`` counts
    where each of its handlers leaves. A comprehension or lambda counts as being evaluated where it stands.
    """
    parents = source.parents
    node = place
    while (parent := parents.get(node)) is not None and not isinstance(node, _SCOPES):
        if isinstance(parent, _COMPREHENSIONS) and node is not parent.generators[0]:
            yield from evaluated(parent.generators[0].iter)
        for _, field in ast.iter_fields(parent):
            values = field if isinstance(field, list) else [field]
            position = next((i for i, value in enumerate(values) if value is node), None)
            for value in values[:position]:
                if not isinstance(value, ast.stmt):
                    yield from _before(parent, value)
                elif position is not None:
                    yield from _of_statement(value)
            if position is not None:
                break
        if isinstance(parent, ast.For) and node in parent.body:
            yield parent
        node = parent


def passed(source: Source, end: ast.Return | ast.FunctionDef) -> Iterator[ast.AST]:
    """What has been evaluated for certain when a function returns at *end*, or at the end of its body where *end* is the function itself."""
    if isinstance(end, ast.Return):
        yield from earlier(source, end)
        yield from _of_statement(end)
    else:
        for statement in end.body:
            yield from _of_statement(statement)


def _before(parent: ast.AST, node: object) -> Iterator[ast.AST]:
    """What is evaluated of *node*, which stands in *parent* before what leads to the place."""
    match parent, node:
        case (ast.IfExp(test=test), _) if node is not test:
            return
        case (ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp() | ast.Dict(), _):
            return  # the order of their fields is not the order of evaluation
        case (_, ast.withitem()):
            yield from evaluated(node.context_expr)
        case (_, ast.keyword()):
            yield from evaluated(node.value)
        case (_, ast.expr()):
            yield from evaluated(node)


def _of_statement(node: ast.stmt) -> Iterator[ast.AST]:
    match node:
        case (
            ast.If(test=first)
            | ast.While(test=first)
            | ast.For(iter=first)
            | ast.Match(subject=first)
            | ast.Assert(test=first)
        ):
            yield from evaluated(first)
        case ast.With(items=items):
            yield from evaluated(items[0].context_expr)
        case ast.Try(body=body, handlers=handlers, orelse=orelse, finalbody=final):
            left = all(isinstance(h.body[-1], _LEAVING) for h in handlers)
            for statement in (*(body if left else ()), *(orelse if left else ()), *final):
                yield from _of_statement(statement)
        case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
            if node.value is not None:
                yield from evaluated(node.value)
                yield node
        case ast.Expr(value=value) | ast.Return(value=ast.expr() as value):
            yield from evaluated(value)
        case _:
            return


def evaluated(node: ast.expr) -> Iterator[ast.expr]:
    """The parts of *node* that are evaluated whenever it is, inner before outer; *node* is the last."""
    match node:
        case ast.Lambda():
            parts: list[ast.expr] = []
        case ast.BoolOp(values=[first, *_]) | ast.IfExp(test=first):
            parts = [first]
        case ast.Compare(left=left, comparators=[right, *_]):
            parts = [left, right]
        case (
            ast.ListComp(generators=[first, *_])
            | ast.SetComp(generators=[first, *_])
            | ast.DictComp(generators=[first, *_])
        ):
            parts = [first.iter]
        case ast.GeneratorExp(generators=[first, *_]):
            parts = [first.iter]
        case ast.Call(func=function, args=args, keywords=keywords):
            parts = [function, *args, *(k.value for k in keywords)]
        case _:
            parts = [c for c in ast.iter_child_nodes(node) if isinstance(c, ast.expr)]
    for part in parts:
        yield from evaluated(part)
    yield node
