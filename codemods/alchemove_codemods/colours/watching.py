"""Dependencies that hand out a session and do something of their own when the request is over: log an error, answer with another one.

They cannot be replaced by the dependency of the session module, but stand around it: ``async def async_get_db(db: SessionDep)``.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from alchemove_codemods.facts import FunctionFacts
from alchemove_codemods.trees import walk

End = Literal["drops", "commits"]
"""What becomes of changes that nobody has committed at the end of a request."""

_LEAVING = (ast.Return, ast.Yield, ast.YieldFrom, ast.Await, ast.Break, ast.Continue, ast.AsyncFor, ast.AsyncWith)


@dataclass(frozen=True, slots=True, eq=False)
class Watch:
    """What a dependency does around the session that it has in the variable ``session``.

    ``needless`` are the statements that open and close it, ``awaited`` the calls of ``commit()`` and ``rollback()``.
    """

    end: End
    session: str
    needless: tuple[ast.stmt, ...]
    awaited: tuple[ast.Call, ...]


def watch(function: FunctionFacts) -> Watch | None:
    """How *function* watches the session it hands out; None if it does more with it than `commit`, `rollback` and `close`.

    ``db = SessionLocal(); try: yield db; except Exception as e: log(e); db.rollback(); raise; finally: db.close()``
    """
    node = function.node
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) or function.outer or function.owner:
        return None
    if node.decorator_list or function.parameters or len(node.body) < 2:
        return None
    *before, attempt = node.body
    opening = next((s for s in before if (opened_by(s)) is not None), None)
    if opening is None or not isinstance(attempt, ast.Try) or len(before) > 1 + (before[0] is not opening):
        return None
    session = opened_by(opening)
    assert session is not None
    if before[0] is not opening and not is_text(before[0]):
        return None
    return _around(attempt, session, opening) if _has_own_lines(node) else None


def opened_by(statement: ast.stmt) -> str | None:
    """The variable that *statement* gives what a call made, also an annotated one: ``db: Session = SessionLocal()``."""
    match statement:
        case (
            ast.Assign(targets=[ast.Name(id=name)], value=ast.Call())
            | ast.AnnAssign(target=ast.Name(id=name), value=ast.Call())
        ):
            return name
    return None


def is_text(node: ast.stmt) -> bool:
    """Whether *node* is a docstring."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _around(attempt: ast.Try, session: str, opening: ast.stmt) -> Watch | None:
    awaited: list[ast.Call] = []
    match attempt.body:
        case [ast.Expr(value=ast.Yield(value=ast.Name(id=handed))), *behind] if handed == session:
            pass
        case _:
            return None
    behind = [*behind, *attempt.orelse]
    commits = [c for s in behind if (c := _call(s, session, "commit")) is not None]
    closing = [s for s in attempt.finalbody if _call(s, session, "close") is not None]
    rollbacks: list[ast.Call] = []
    plain = [s for s in behind if _call(s, session, "commit") is None]
    plain += [s for s in attempt.finalbody if s not in closing]
    for handler in attempt.handlers:
        *done, last = handler.body
        if not isinstance(last, ast.Raise):
            return None
        rollbacks += [c for s in done if (c := _call(s, session, "rollback")) is not None]
        plain += [*(s for s in done if _call(s, session, "rollback") is None), last]
    if len(commits) > 1 or len(closing) != 1 or not all(_is_apart(s, session) for s in plain):
        return None
    if not attempt.handlers and len(attempt.finalbody) == 1:
        return None
    awaited += [*commits, *rollbacks]
    return Watch("commits" if commits else "drops", session, (opening, *closing), tuple(awaited))


def _call(statement: ast.stmt, session: str, method: str) -> ast.Call | None:
    """``session.method()``, if *statement* is just that."""
    match statement:
        case ast.Expr(
            value=ast.Call(func=ast.Attribute(value=ast.Name(id=held), attr=called), args=[], keywords=[]) as call
        ) if (held, called) == (session, method):
            return call
    return None


def _is_apart(statement: ast.stmt, session: str) -> bool:
    """Whether *statement* has nothing to do with the session, and goes on behind it or raises."""
    return not any(
        isinstance(n, _LEAVING) or (isinstance(n, ast.Name) and n.id in (session, "locals")) for n in walk(statement)
    )


def _has_own_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether each statement of *node* stands on lines of its own."""
    lines = [(s.lineno, s.end_lineno or s.lineno) for s in _statements(node.body)]
    return node.body[0].lineno > node.lineno and all(
        first > before for (_, before), (first, _) in itertools.pairwise(lines)
    )


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The simple statements in *body*, in order."""
    for statement in body:
        match statement:
            case ast.Try(body=inner, handlers=handlers, orelse=orelse, finalbody=finalbody):
                for block in (inner, *(h.body for h in handlers), orelse, finalbody):
                    yield from _statements(block)
            case _:
                yield statement
