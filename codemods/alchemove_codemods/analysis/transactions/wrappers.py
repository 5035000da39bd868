"""Functions that open a session, yield it, and end it: dependencies and context managers."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from alchemove_codemods.facts import statements


@dataclass(frozen=True, slots=True)
class Wrapping:
    """``opened`` is what is called for the session; ``commits`` says that it is committed after the ``yield``.

    ``plain`` says that nothing else happens: rolled back at most, and closed; ``extra`` is what does, if it is one statement.
    """

    opened: ast.expr
    commits: bool
    plain: bool
    extra: ast.AST | None = None


def wrapping(function: ast.FunctionDef, *, bound: bool = False) -> Wrapping | None:
    """What *function* does around the one session that it yields; None if it is no such function. *bound* says that it is had of an object."""
    yields = [n for n in ast.walk(function) if isinstance(n, (ast.Yield, ast.YieldFrom))]
    if len(yields) != 1 or not isinstance(yields[0], ast.Yield) or not isinstance(yields[0].value, ast.Name):
        return None
    name = yields[0].value.id
    opened = _opened(function, name)
    if opened is None:
        return None
    bare = not _asks(function, bound=bound)
    commits, extra = _ending(function.body, name)
    begins = isinstance(opened, ast.Attribute) and opened.attr == "begin"
    if begins:
        assert isinstance(opened, ast.Attribute)
        opened = opened.value
    return Wrapping(opened, commits or begins, extra is None and bare, extra)


def handed_out(function: ast.FunctionDef, *, bound: bool = False) -> ast.Call | None:
    """The call that makes what *function* returns, if it does nothing else: ``return SessionLocal()``. *bound* as for :func:`wrapping`."""
    if _asks(function, bound=bound) or function.decorator_list:
        return None
    match [s for s in function.body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))]:
        case [ast.Return(value=ast.Call() as call)]:
            return call
        case [
            ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as call)
            | ast.AnnAssign(target=ast.Name(id=name), value=ast.Call() as call),
            ast.Return(value=ast.Name(id=given)),
        ] if given == name:
            return call
    return None


def _asks(function: ast.FunctionDef, *, bound: bool) -> bool:
    """Whether *function* has parameters, besides the object that it is had of if it is *bound*."""
    arguments = function.args
    plain = [*arguments.posonlyargs, *arguments.args][1 if bound else 0 :]
    return bool(plain or arguments.kwonlyargs or arguments.vararg or arguments.kwarg)


def _opened(function: ast.FunctionDef, name: str) -> ast.expr | None:
    found: list[ast.expr] = []
    for node in statements(function.body):
        match node:
            case ast.Assign(targets=[ast.Name(id=bound)], value=ast.Call(func=opened, args=[], keywords=[])) if (
                bound == name
            ):
                found.append(opened)
            case ast.AnnAssign(target=ast.Name(id=bound), value=ast.Call(func=opened, args=[], keywords=[])) if (
                bound == name
            ):
                found.append(opened)
            case ast.With(items=items):
                for item in items:
                    match item:
                        case ast.withitem(
                            context_expr=ast.Call(func=opened, args=[], keywords=[]), optional_vars=ast.Name(id=bound)
                        ) if bound == name:
                            found.append(opened)
    return found[0] if len(found) == 1 else None


def _ending(body: list[ast.stmt], name: str) -> tuple[bool, ast.AST | None]:
    """Whether the session is committed behind the ``yield``, and the first thing in *body* that does something else."""
    commits = False
    others: list[ast.AST] = []
    for node in body:
        match node:
            case ast.Expr(value=ast.Constant()) | ast.Global() | ast.Raise(exc=None) | ast.Pass():
                continue
            case ast.Expr(value=ast.Yield()):
                continue
            case ast.Expr(
                value=ast.Call(func=ast.Attribute(value=ast.Name(id=base), attr=method), args=[], keywords=[])
            ) if base == name and method in ("commit", "rollback", "close"):
                commits |= method == "commit"
            case ast.Assign(targets=[ast.Name(id=bound)]) | ast.AnnAssign(target=ast.Name(id=bound)) if bound == name:
                continue
            case ast.With(items=[_], body=inner):
                more, other = _ending(inner, name)
                commits |= more
                others += [other] if other is not None else []
            case ast.Try(body=inner, handlers=handlers, orelse=orelse, finalbody=final):
                for part in (inner, orelse, final):
                    more, other = _ending(part, name)
                    commits |= more
                    others += [other] if other is not None else []
                others += [h for h in handlers if not rolls_back_and_raises(h.body, name)]
            case _:
                others.append(node)
    return commits, min(others, key=lambda n: getattr(n, "lineno", 0), default=None)


def rolls_back_and_raises(body: list[ast.stmt], name: str) -> bool:
    """Whether a handler does nothing but roll the session *name* back (or close it), and raise again."""
    match body:
        case [*before, ast.Raise(exc=None)]:
            return all(is_call_of(s, name, "rollback", "close") for s in before)
    return False


def is_call_of(node: ast.stmt, name: str, *methods: str) -> bool:
    """Whether *node* is nothing but a call of one of *methods* on the variable *name*, without arguments."""
    match node:
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=base), attr=method), args=[], keywords=[])):
            return base == name and method in methods
    return False
