"""The dependencies of a legacy application that hand out sessions, by the shape of what they do around their ``yield``."""

from __future__ import annotations

import ast
from typing import Literal

from alchemove_codemods.facts import FunctionFacts
from alchemove_codemods.program import Program
from alchemove_codemods.trees import walk

End = Literal["drops", "commits"]
"""What becomes of changes that nobody has committed at the end of a request."""

_DEPENDENCIES = frozenset({"get_db", "get_session"})
"""The names of ``LegacyDatabase`` that FastAPI can depend on: both open a session, yield it and close it."""


class Providers:
    """Answers for one program.

    *errors_reach* says whether an exception of an endpoint gets to the ``yield`` of its dependencies, so that what stands behind it
    does not run: since FastAPI 0.106.
    """

    def __init__(self, program: Program, *, errors_reach: bool = True) -> None:
        self._program = program
        self._errors_reach = errors_reach
        self._known: dict[FunctionFacts, End | None] = {}

    def end(self, provider: FunctionFacts | None) -> End | None:
        """What *provider* does in the end, None if it does more than open a session, hand it out, and close it.

        ``drops``: ``get_db`` or ``get_session`` of the shim, or a generator that opens a session, yields it and closes it.
        ``commits``: one that commits behind its ``yield``, as the session module does.
        """
        if provider is None:
            return None
        if provider not in self._known:
            found = "drops" if _exported(provider) else self._shape(provider)
            self._known[provider] = found if found != "commits" or self._errors_reach else None
        return self._known[provider]

    def _shape(self, provider: FunctionFacts) -> End | None:
        """``db = SessionLocal(); try: yield db; finally: db.close()`` and ``with Session(engine) as db: yield db``."""
        if not isinstance(provider.node, ast.FunctionDef) or provider.decorators:
            return None
        body = [n for n in provider.node.body if not _is_text(n) and not isinstance(n, ast.Global)]
        body = _without_factory(body)
        match body:
            case [
                ast.With(
                    items=[ast.withitem(context_expr=ast.Call() as made, optional_vars=ast.Name(id=name))], body=inner
                )
            ]:
                return _block(inner, name, begun=_begins(made))
            case [
                ast.With(
                    items=[
                        ast.withitem(context_expr=ast.Call(), optional_vars=ast.Name(id=name)),
                        ast.withitem(
                            context_expr=ast.Call(func=ast.Attribute(value=ast.Name(id=begun), attr="begin"), args=[])
                        ),
                    ],
                    body=inner,
                )
            ] if begun == name:
                return _block(inner, name, begun=True)
            case [opening, *set_, ast.Try() as attempt] if (opened := _opened(opening)) is not None:
                return _attempt(attempt, opened, attempt.body) if self._are_unread(set_, opened) else None
            case [ast.Try(body=[opening, *rest]) as attempt] if (opened := _opened(opening)) is not None:
                return _attempt(attempt, opened, rest)
        return None

    def _are_unread(self, statements: list[ast.stmt], name: str) -> bool:
        """Whether *statements* only give the session *name* attributes that nothing else in the program mentions."""
        for statement in statements:
            match statement:
                case ast.Assign(
                    targets=[ast.Attribute(value=ast.Name(id=owner), attr=attribute)], value=ast.Constant()
                ):
                    word = attribute.encode()
                    mentioned = sum(self._program.raw[path].count(word) for path in self._program.mentioning(word))
                    if owner != name or mentioned > 1:
                        return False
                case _:
                    return False
        return True


def _without_factory(body: list[ast.stmt]) -> list[ast.stmt]:
    """*body* without ``factory = get_factory()`` at its beginning, where that is called once, to open the session."""
    match body:
        case [
            ast.Assign(
                targets=[ast.Name(id=factory)], value=ast.Call(func=ast.Name() | ast.Attribute(), args=[], keywords=[])
            ),
            *rest,
        ] if rest:
            uses = [n for s in rest for n in walk(s) if isinstance(n, ast.Name) and n.id == factory]
            called = [n for s in rest for n in walk(s) if isinstance(n, ast.Call) and n.func in uses]
            return rest if len(uses) == len(called) == 1 else body
    return body


def _opened(statement: ast.stmt) -> str | None:
    """The variable that *statement* gives what a call made, also an annotated one: ``db: Session = SessionLocal()``."""
    match statement:
        case (
            ast.Assign(targets=[ast.Name(id=name)], value=ast.Call())
            | ast.AnnAssign(target=ast.Name(id=name), value=ast.Call())
        ):
            return name
    return None


def _exported(provider: FunctionFacts) -> bool:
    module = provider.module
    if b".export(" not in module.source.raw or provider.outer is not None or provider.owner is not None:
        return False
    for node in walk(module.source.tree):
        match node:
            case ast.Call(func=ast.Attribute(attr="export"), args=[ast.Name(id="__name__")], keywords=keywords):
                for keyword in keywords:
                    if keyword.arg == provider.name:
                        return _legacy_name(keyword) in _DEPENDENCIES
    return False


def _legacy_name(keyword: ast.keyword) -> str | None:
    match keyword.value:
        case ast.Constant(value=str()):
            return keyword.arg
        case ast.Tuple(elts=[ast.Constant(value=str(name)), *_]):
            return name
        case ast.Tuple(elts=[ast.Attribute(attr=name), *_]):
            return name
    return None


def _begins(made: ast.Call) -> bool:
    """Whether *made* opens a session with a transaction that its end commits: ``SessionLocal.begin()``."""
    return isinstance(made.func, ast.Attribute) and made.func.attr == "begin"


def _block(body: list[ast.stmt], name: str, *, begun: bool) -> End | None:
    """What the body of ``with`` does, which closes the session."""
    match body:
        case [
            ast.With(
                items=[ast.withitem(context_expr=ast.Call(func=ast.Attribute(value=ast.Name(id=held), attr="begin")))]
            ) as inner
        ]:
            return _block(inner.body, name, begun=True) if held == name and not begun else None
        case [ast.Try(finalbody=[]) as attempt]:
            found = _tried(attempt, name, attempt.body)
        case _:
            found = _yields(body, name)
    if begun:
        return "commits" if found == "drops" else None
    return found


def _attempt(node: ast.Try, name: str, body: list[ast.stmt]) -> End | None:
    return _tried(node, name, body) if _closes(node.finalbody, name) else None


def _tried(node: ast.Try, name: str, body: list[ast.stmt]) -> End | None:
    """``yield``, perhaps with a commit behind it (or in ``else``), where exceptions roll back or go on."""
    if not all(_rolls_back(h, name) for h in node.handlers):
        return None
    if node.orelse:
        return "commits" if _yields(body, name) == "drops" and _commits(node.orelse, name) else None
    return _yields(body, name)


def _yields(body: list[ast.stmt], name: str) -> End | None:
    match body:
        case [ast.Expr(value=ast.Yield(value=ast.Name(id=found))), *behind] if found == name:
            if not behind:
                return "drops"
            return "commits" if _commits(behind, name) else None
    return None


def _commits(body: list[ast.stmt], name: str) -> bool:
    match body:
        case [ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=found), attr="commit"), args=[]))]:
            return found == name
    return False


def _rolls_back(handler: ast.ExceptHandler, name: str) -> bool:
    match handler.body:
        case [
            ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=found), attr="rollback"))),
            ast.Raise(exc=None),
        ]:
            return found == name
    return False


def _closes(body: list[ast.stmt], name: str) -> bool:
    match body:
        case [ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=found), attr="close"), args=[]))]:
            return found == name
    return False


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
