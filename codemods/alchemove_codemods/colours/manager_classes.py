"""Classes of the program whose objects are context managers of one session: ``with GetDB() as db``, told by their three methods."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from alchemove_codemods.colours.watching import End, is_text
from alchemove_codemods.facts import ClassFacts, FunctionFacts

_METHODS = frozenset({"__init__", "__enter__", "__exit__"})


@dataclass(frozen=True, slots=True, eq=False)
class Managed:
    """The session that such a class hands out: ``opening`` is the call in ``function`` that makes it."""

    end: End
    function: FunctionFacts
    opening: ast.Call


def managed(cls: ClassFacts) -> Managed | None:
    """What objects of *cls* do with a session, if that is all they do: open it, hand it out, roll back or commit, and close it."""
    methods = {m.name: m for m in cls.methods}
    if cls.node.bases or cls.node.keywords or cls.node.decorator_list or not methods.keys() <= _METHODS:
        return None
    if len(methods) != len(cls.methods) or any(m.decorators for m in cls.methods):
        return None
    entering, leaving = methods.get("__enter__"), methods.get("__exit__")
    if entering is None or leaving is None or len(entering.parameters) != 1:
        return None
    start = [*_body(methods.get("__init__")), *_body(entering)]
    if any(len(m.parameters) != 1 for name, m in methods.items() if name == "__init__"):
        return None
    match start:
        case [
            ast.Assign(targets=[ast.Attribute(value=ast.Name(id="self"), attr=name)], value=ast.Call() as opening),
            ast.Return(value=ast.Attribute(value=ast.Name(id="self"), attr=handed)),
        ] if handed == name:
            end = _end(leaving, name)
        case _:
            return None
    opener = methods["__init__"] if _body(methods.get("__init__")) else entering
    return Managed(end, opener, opening) if end is not None else None


def _body(method: FunctionFacts | None) -> list[ast.stmt]:
    return [s for s in getattr(method.node, "body", []) if not is_text(s)] if method is not None else []


def _end(leaving: FunctionFacts, name: str) -> End | None:
    """What ``__exit__`` does with the session ``self.name`` before it closes it, where exceptions go on."""
    body = _body(leaving)
    if len(body) > 1 and isinstance(body[-1], ast.Return) and _is_no(body[-1].value):
        body = body[:-1]
    match body:
        case [ast.Try(body=[*before], handlers=[], orelse=[], finalbody=[last])]:
            pass
        case [*before, last]:
            pass
        case _:
            return None
    if not _calls(last, name, "close"):
        return None
    match before:
        case []:
            return "drops"
        case [statement] if _calls(statement, name, "rollback"):
            return "drops"
        case [ast.If(test=test, body=[then], orelse=[])] if _calls(then, name, "rollback") and _is_plain(test):
            return "drops"
        case [ast.If(test=test, body=[then], orelse=[other])] if _calls(then, name, "rollback"):
            return "commits" if _is_raised(test, leaving) and _calls(other, name, "commit") else None
        case [ast.If(test=test, body=[then], orelse=[other])] if _calls(other, name, "rollback"):
            return "commits" if _is_fine(test, leaving) and _calls(then, name, "commit") else None
        case [ast.If(test=test, body=[then], orelse=[])] if _calls(then, name, "commit"):
            return "commits" if _is_fine(test, leaving) else None
    return None


def _calls(statement: ast.stmt, name: str, method: str) -> bool:
    """Whether *statement* is ``self.name.method()``."""
    match statement:
        case ast.Expr(
            value=ast.Call(
                func=ast.Attribute(value=ast.Attribute(value=ast.Name(id="self"), attr=held), attr=called),
                args=[],
                keywords=[],
            )
        ):
            return (held, called) == (name, method)
    return False


def _is_plain(test: ast.expr) -> bool:
    """Whether *test* looks at what was raised, and does nothing: what it decides makes no difference."""
    match test:
        case ast.Name() | ast.Compare(left=ast.Name(), comparators=[ast.Constant(value=None)]):
            return True
        case ast.Call(func=ast.Name(id="isinstance" | "issubclass"), args=[ast.Name(), _], keywords=[]):
            return True
    return False


def _is_raised(test: ast.expr, leaving: FunctionFacts) -> bool:
    names = {p.arg for p in leaving.parameters[1:]}
    match test:
        case (
            ast.Name(id=name)
            | ast.Compare(left=ast.Name(id=name), ops=[ast.IsNot()], comparators=[ast.Constant(value=None)])
        ):
            return name in names
    return False


def _is_fine(test: ast.expr, leaving: FunctionFacts) -> bool:
    names = {p.arg for p in leaving.parameters[1:]}
    match test:
        case (
            ast.UnaryOp(op=ast.Not(), operand=ast.Name(id=name))
            | ast.Compare(left=ast.Name(id=name), ops=[ast.Is()], comparators=[ast.Constant(value=None)])
        ):
            return name in names
    return False


def _is_no(node: ast.expr | None) -> bool:
    return node is None or (isinstance(node, ast.Constant) and not node.value)
