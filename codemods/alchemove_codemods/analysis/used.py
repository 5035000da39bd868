"""What is certainly done with a variable where one of its attributes is read."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from alchemove_codemods.facts import ModuleFacts
from alchemove_codemods.trees import children, walk

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_LEAVING = (ast.Raise, ast.Return, ast.Continue, ast.Break)
_BLOCKS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.Try, ast.With, ast.AsyncWith, ast.Match)
_YIELDS = (ast.Yield, ast.YieldFrom)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def used_with(module: ModuleFacts, node: ast.Attribute, name: str) -> Iterator[str]:
    """The attributes of the variable *name* that are read whenever *node*, an attribute of it, is: before, beside or after.

    ``__getitem__`` stands for an index.
    Nothing for a variable that is bound more than once, which need not be one object.
    """
    parents = module.source.parents
    at: ast.AST = node
    while not isinstance(at, _FUNCTIONS):
        if isinstance(at, _COMPREHENSIONS) and any(name in _stored(g.target) for g in at.generators):
            elements = [at.key, at.value] if isinstance(at, ast.DictComp) else [at.elt]
            inside = [e for e in elements if _holds(parents, e, node, at)]
            conditions = [condition for g in at.generators for condition in g.ifs] if inside else []
            yield from _attributes([*inside, *conditions], name, node)
            return
        outer = parents.get(at)
        if outer is None:
            return
        at = outer
    bound = _bound_at(at, name)
    if bound is not None:
        yield from _along(parents, node, name, at, bound)


def _along(
    parents: dict[ast.AST, ast.AST], node: ast.Attribute, name: str, function: ast.AST, bound: int
) -> Iterator[str]:
    """Up from *node* to the body of *function*: its own statement, and what stands before in each block."""
    at: ast.AST = node
    while at is not function:
        outer = parents[at]
        if isinstance(at, ast.stmt):
            yield from (_attributes(_heads(at), name, node) if at.lineno >= bound else ())
            before, after = _around(outer, at)
            for beside in (*_done(before), *_reached(after)):
                if beside.lineno > bound:
                    yield from _attributes(_heads(beside), name, node)
        if isinstance(outer, ast.Try) and outer.body and (at in outer.finalbody or at in outer.handlers):
            first = _first(outer.body[0])
            if isinstance(first, ast.Attribute) and isinstance(first.value, ast.Name) and first.value.id == name:
                yield first.attr
        at = outer


def _bound_at(function: ast.AST, name: str) -> int | None:
    """The line that binds *name* in *function*, 0 for a parameter, None where it is not exactly one."""
    arguments = getattr(function, "args", None)
    given = isinstance(arguments, ast.arguments) and any(
        a.arg == name for a in walk(arguments) if isinstance(a, ast.arg)
    )
    lines = [0] if given else []
    for inner in walk(function):
        match inner:
            case ast.Name(id=found, ctx=ast.Store() | ast.Del()) if found == name:
                lines.append(inner.lineno)
            case ast.ExceptHandler(name=found) | ast.MatchAs(name=found) | ast.MatchStar(name=found) if found == name:
                lines.append(inner.lineno)
            case ast.Global(names=names) | ast.Nonlocal(names=names) if name in names:
                return None
            case ast.alias() if name in (inner.asname, inner.name):
                return None
    return lines[0] if len(lines) == 1 else None


def _around(outer: ast.AST, statement: ast.stmt) -> tuple[list[ast.stmt], list[ast.stmt]]:
    """The statements of the same block before and after *statement*."""
    for block in ("body", "orelse", "finalbody"):
        suite = getattr(outer, block, None)
        if isinstance(suite, list) and statement in suite:
            at = suite.index(statement)
            return suite[:at], suite[at + 1 :]
    return [], []


def _reached(statements: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Those of *statements* that are run unless one before them raises."""
    for statement in statements:
        if isinstance(statement, (*_LEAVING, *_BLOCKS)) or any(isinstance(n, _YIELDS) for n in walk(statement)):
            return
        yield statement


def _done(statements: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """*statements* and those in them that were run, too, where what follows is reached."""
    for statement in statements:
        yield statement
        if isinstance(statement, ast.Try):
            yield from _done(statement.finalbody)
            if all(isinstance(handler.body[-1], _LEAVING) for handler in statement.handlers):
                yield from _done([*statement.body, *statement.orelse])


def _heads(statement: ast.stmt) -> list[ast.expr]:
    """The expressions that are evaluated whenever *statement* is run."""
    match statement:
        case ast.If(test=test) | ast.While(test=test):
            return [test]
        case ast.For(iter=iterated) | ast.AsyncFor(iter=iterated):
            return [iterated]
        case ast.With(items=items) | ast.AsyncWith(items=items):
            return [item.context_expr for item in items]
        case ast.Match(subject=subject):
            return [subject]
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() | ast.Try() | ast.Assert():
            return []
    return [child for child in children(statement) if isinstance(child, ast.expr)]


def _attributes(expressions: Iterable[ast.expr], name: str, apart_from: ast.Attribute) -> Iterator[str]:
    """The attributes of *name* that evaluating *expressions* reads, whatever else happens."""
    stack: list[ast.AST] = list(expressions)
    while stack:
        node = stack.pop()
        match node:
            case ast.Attribute(value=ast.Name(id=found), attr=attribute, ctx=ast.Load()) if found == name:
                if node is not apart_from and attribute != apart_from.attr:
                    yield attribute
            case ast.Subscript(value=ast.Name(id=found), slice=index) if found == name:
                yield "__getitem__"
                stack.append(index)
            case ast.IfExp(test=test):
                stack.append(test)
            case ast.BoolOp(values=values):
                stack.append(values[0])
            case ast.Compare(left=left, comparators=comparators):
                stack += [left, comparators[0]]
            case ast.Lambda():
                pass
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                stack.append(node.generators[0].iter)
            case _:
                stack += children(node)


def _first(statement: ast.stmt) -> ast.AST | None:
    """The attribute that *statement* reads before anything else can raise."""
    at: ast.AST | None = getattr(statement, "value", None)
    if isinstance(statement, (ast.With, ast.AsyncWith)):
        at = statement.items[0].context_expr
    while isinstance(at, (ast.Call, ast.Await, ast.Subscript, ast.Attribute)):
        below = at.func if isinstance(at, ast.Call) else at.value
        if isinstance(below, ast.Name):
            return at
        at = below
    return None


def _holds(parents: dict[ast.AST, ast.AST], outer: ast.AST, inner: ast.AST, top: ast.AST) -> bool:
    at: ast.AST | None = inner
    while at is not None and at is not top:
        if at is outer:
            return True
        at = parents.get(at)
    return False


def _stored(target: ast.expr) -> set[str]:
    return {n.id for n in walk(target) if isinstance(n, ast.Name)}
