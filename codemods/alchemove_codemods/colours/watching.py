"""Dependencies that hand out a session and do something of their own around it: set the tenant, try the connection, log an error, answer with another one.

They cannot be replaced by the dependency of the session module, but stand around it: ``async def async_get_db(db: SessionDep)``.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from alchemove_codemods.colours.contexts import may_set_a_context
from alchemove_codemods.facts import FunctionFacts, last_name
from alchemove_codemods.trees import suites, walk

End = Literal["drops", "commits"]
"""What becomes of changes that nobody has committed at the end of a request."""

_LEAVING = (ast.Return, ast.Yield, ast.YieldFrom, ast.Await, ast.Break, ast.Continue, ast.AsyncFor, ast.AsyncWith)
_ASKING = frozenset({"is_active", "in_transaction"})
"""What an AsyncSession answers without being awaited, as its session does."""
_NOTHING = re.compile(r"\s*select\s+1\s*;?\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True, eq=False)
class Watch:
    """What a dependency does around the session that it has in the variable ``session``.

    ``needless`` are the statements that open and close it, ``awaited`` the calls of its methods, ``crossed`` those of functions that it is
    given to before it is handed out, ``unwrapped`` the blocks that do nothing more without those: what stands in them takes their place. ``is_told``
    says that something is done when the endpoint has returned or failed, ``prepares`` that something is sent to the database before, which belongs to the transaction of the request.
    """

    end: End
    is_told: bool
    session: str
    needless: tuple[ast.stmt, ...]
    awaited: tuple[ast.Call, ...]
    crossed: tuple[ast.Call, ...]
    unwrapped: tuple[ast.Try | ast.With, ...]
    prepares: bool

    @property
    def discards(self) -> bool:
        """Whether the session must not be committed at the end of the request, since what was prepared is thrown away with it."""
        return self.prepares and self.end == "drops"


def watch(function: FunctionFacts, opens: Callable[[ast.Call], bool]) -> Watch | None:
    """How *function* watches the session it hands out; None if it does more with it than to prepare it, and `commit`, `rollback` and `close`.

    ``db = SessionLocal(); try: yield db; except Exception as e: log(e); db.rollback(); raise; finally: db.close()``.
    *opens* says whether the call of a ``with`` does nothing but open a session, and close it at the end.
    """
    node = function.node
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) or function.outer or function.owner:
        return None
    handed = [n for n in walk(node) if isinstance(n, (ast.Yield, ast.YieldFrom))]
    if node.decorator_list or not _has_plain_parameters(node) or len(handed) != 1:
        return None
    match handed[0]:
        case ast.Yield(value=ast.Name(id=session)) if all(p.arg != session for p in function.parameters):
            return _Reading(node, session, opens).found()
    return None


def _has_plain_parameters(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    arguments = node.args
    return not (arguments.posonlyargs or arguments.kwonlyargs or arguments.vararg or arguments.kwarg)


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


class _Reading:
    """Goes through one dependency, from its beginning to the ``yield`` and back."""

    def __init__(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef, session: str, opens: Callable[[ast.Call], bool]
    ) -> None:
        self._node = node
        self._session = session
        self._opens = opens
        self._needless: list[ast.stmt] = []
        self._awaited: list[ast.Call] = []
        self._crossed: list[ast.Call] = []
        self._unwrapped: list[ast.Try | ast.With] = []
        self._prepares = False
        self._openings = self._closings = self._commits = 0
        self._is_told = False

    def found(self) -> Watch | None:
        """What there is, None if more is done than can be kept."""
        if not self._goes_through(self._node.body) or self._openings != 1 or not self._closings or self._commits > 1:
            return None
        if not all(_has_own_lines(self._node, each) for each in (*self._needless, *self._unwrapped)):
            return None
        if any(_has_long_texts(each) for each in self._unwrapped):
            return None
        end: End = "commits" if self._commits else "drops"
        return Watch(
            end,
            self._is_told or (self._prepares and end == "drops"),
            self._session,
            tuple(self._needless),
            tuple(self._awaited),
            tuple(self._crossed),
            tuple(self._unwrapped),
            self._prepares,
        )

    def _goes_through(self, body: Sequence[ast.stmt]) -> bool:
        """Whether *body*, in which the session is handed out, does nothing with it that is not known."""
        at = next(i for i, s in enumerate(body) if any(isinstance(n, ast.Yield) for n in walk(s)))
        if not all(self._comes_before(s) for s in body[:at]):
            return False
        match body[at]:
            case ast.Expr(value=ast.Yield()):
                inside = True
            case ast.Try() as attempt:
                inside = self._tries(attempt)
            case (
                ast.With(
                    items=[ast.withitem(context_expr=ast.Call() as made, optional_vars=ast.Name(id=name))]
                ) as block
            ) if name == self._session and self._opens(made):
                self._openings += 1
                self._closings += 1
                self._unwrapped.append(block)
                inside = self._goes_through(block.body)
            case _:
                return False
        return inside and all(self._comes_behind(s) for s in body[at + 1 :])

    def _tries(self, attempt: ast.Try) -> bool:
        if not self._goes_through(attempt.body) or not all(self._comes_behind(s) for s in attempt.orelse):
            return False
        if not all(_raises(h.body) and all(self._is_done(s, "rollback") for s in h.body) for h in attempt.handlers):
            return False
        self._is_told |= bool(attempt.handlers)
        # What is closed was rolled back.
        ending = [s for s in attempt.finalbody if not self._takes_back(s)]
        self._needless += [s for s in attempt.finalbody if s not in ending]
        if len(ending) < len(attempt.finalbody) and not any(map(self._closes, ending)):
            return False
        if not all(self._closed_by(s) or self._does_more(s) for s in ending):
            return False
        if not attempt.handlers and all(s in self._needless for s in attempt.finalbody):
            self._unwrapped.append(attempt)
        return True

    def _comes_before(self, statement: ast.stmt) -> bool:
        if opened_by(statement) == self._session:
            self._openings += 1
            self._needless.append(statement)
            return True
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=None)) if name == self._session:
                self._needless.append(statement)
                return True
        if self._makes_the_factory(statement):
            self._needless.append(statement)
            return True
        # What comes before it runs for each request, and would be seen by the endpoint.
        on_loop = isinstance(self._node, ast.AsyncFunctionDef)
        return self._is_done(statement, "ping", "rollback", "prepare") and (on_loop or not may_set_a_context(statement))

    def _comes_behind(self, statement: ast.stmt) -> bool:
        if (commit := _call(statement, self._session, "commit")) is not None:
            self._commits += 1
            self._awaited.append(commit)
            return True
        return self._closed_by(statement) or self._does_more(statement)

    def _does_more(self, statement: ast.stmt) -> bool:
        self._is_told = True
        return self._is_done(statement)

    def _makes_the_factory(self, statement: ast.stmt) -> bool:
        """Whether *statement* is ``factory = get_factory()``, which is called once, to open the session."""
        match statement:
            case ast.Assign(
                targets=[ast.Name(id=factory)], value=ast.Call(func=ast.Name() | ast.Attribute(), args=[], keywords=[])
            ):
                uses = [n for n in walk(self._node) if isinstance(n, ast.Name) and n.id == factory]
                return len(uses) == 2 and any(self._opens_with(s, factory) for s in walk(self._node))
        return False

    def _opens_with(self, node: ast.AST, factory: str) -> bool:
        """Whether *node* opens the session by calling *factory*."""
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=ast.Name(id=called)))
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.Call(func=ast.Name(id=called)))
                | ast.withitem(context_expr=ast.Call(func=ast.Name(id=called)), optional_vars=ast.Name(id=name))
            ):
                return (name, called) == (self._session, factory)
        return False

    def _closes(self, statement: ast.stmt) -> bool:
        """Whether *statement* does nothing but close the session: perhaps after asking whether there is one, or with errors of that logged."""
        match statement:
            case ast.If(test=test, body=[*rollback, last], orelse=[]):
                rolled_back = all(_call(s, self._session, "rollback") is not None for s in rollback)
                return self._asks(test) and rolled_back and self._closes(last)
            case ast.Try(body=[inner], handlers=handlers, orelse=[], finalbody=[]):
                # The session module logs it as well.
                quiet = not any(isinstance(n, ast.Raise) for h in handlers for n in walk(h))
                return quiet and self._closes(inner) and all(self._is_apart(s) for h in handlers for s in h.body)
        return _call(statement, self._session, "close") is not None

    def _takes_back(self, statement: ast.stmt) -> bool:
        """Whether *statement* does nothing but roll back, perhaps with errors of that logged."""
        match statement:
            case ast.If(test=test, body=[inner], orelse=[]):
                return self._asks(test) and self._takes_back(inner)
            case ast.Try(body=[inner], handlers=handlers, orelse=[], finalbody=[]):
                # The session module closes it in any case.
                quiet = not any(isinstance(n, ast.Raise) for h in handlers for n in walk(h))
                return quiet and self._takes_back(inner) and all(self._is_apart(s) for h in handlers for s in h.body)
        return _call(statement, self._session, "rollback") is not None

    def _closed_by(self, statement: ast.stmt) -> bool:
        if self._closes(statement):
            self._closings += 1
            self._needless.append(statement)
            return True
        match statement:
            case ast.Try(body=[first, *others], handlers=handlers, orelse=[], finalbody=[]) if self._closes(first):
                if all(self._is_apart(s) for s in (*others, *(s for h in handlers for s in h.body))):
                    self._closings += 1
                    self._is_told = True
                    self._needless.append(first)
                    return True
        return False

    def _is_done(self, statement: ast.stmt, *methods: str) -> bool:
        """Whether *statement* does nothing with the session but call *methods*, and goes on behind it or raises."""
        if "prepare" in methods and self._is_prepared(statement):
            return True
        for method in methods:
            call = _ping(statement, self._session) if method == "ping" else _call(statement, self._session, method)
            if call is not None:
                self._awaited.append(call)
                return True
        match statement:
            case ast.If(test=test):
                plain = self._asks(test) or self._is_apart(test)
                return plain and all(self._is_done(s, *methods) for suite in suites(statement) for s in suite)
            case ast.Try(handlers=handlers):
                blocks = [*suites(statement), *(h.body for h in handlers)]
                return all(self._is_done(s, *methods) for block in blocks for s in block)
        return self._is_apart(statement)

    def _is_prepared(self, statement: ast.stmt) -> bool:
        """Whether *statement* runs another statement, or has a function do something, with the session that nobody has yet: ``set_tenant(db, tenant)``."""
        match statement:
            case ast.Assign(
                targets=[ast.Subscript(value=ast.Attribute(value=ast.Name(id=name), attr="info"), slice=key)],
                value=value,
            ) if name == self._session:
                self._prepares = True
                return self._is_apart(key) and self._is_apart(value)
            case ast.Expr(value=ast.Call(func=func, args=args, keywords=keywords) as call):
                given = [*args, *(k.value for k in keywords)]
                held = [g for g in given if isinstance(g, ast.Name) and g.id == self._session]
                if not all(g in held or self._is_apart(g) for g in given):
                    return False
                match func:
                    case ast.Attribute(value=ast.Name(id=name), attr="execute") if name == self._session and not held:
                        if _ping(statement, self._session) is not None:
                            return False
                        self._awaited.append(call)
                    case _ if held and self._is_apart(func):
                        self._crossed.append(call)
                    case _:
                        return False
                self._prepares = True
                return True
        return False

    def _asks(self, test: ast.expr) -> bool:
        """Whether *test* only asks whether there is a session, or how it is."""
        match test:
            case ast.Name(id=name):
                return name == self._session
            case ast.Compare(left=ast.Name(id=name), ops=[ast.IsNot()], comparators=[ast.Constant(value=None)]):
                return name == self._session
            case (
                ast.Attribute(value=ast.Name(id=name), attr=asked)
                | ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=asked), args=[], keywords=[])
            ):
                return name == self._session and asked in _ASKING
        return False

    def _is_apart(self, node: ast.stmt | ast.expr) -> bool:
        """Whether *node* has nothing to do with the session, and goes on behind it or raises."""
        return not any(
            isinstance(n, _LEAVING) or (isinstance(n, ast.Name) and n.id in (self._session, "locals"))
            for n in walk(node)
        )


def _call(statement: ast.stmt, session: str, method: str) -> ast.Call | None:
    """``session.method()``, if *statement* is just that."""
    match statement:
        case ast.Expr(
            value=ast.Call(func=ast.Attribute(value=ast.Name(id=held), attr=called), args=[], keywords=[]) as call
        ) if (held, called) == (session, method):
            return call
    return None


def _ping(statement: ast.stmt, session: str) -> ast.Call | None:
    """``session.connection()`` or ``session.execute(text("SELECT 1"))``, which only see whether the database answers."""
    match statement:
        case ast.Expr(
            value=ast.Call(
                func=ast.Attribute(value=ast.Name(id=held), attr="execute" | "scalar"), args=[asked], keywords=[]
            ) as call
        ) if held == session:
            match asked:
                case ast.Call(func=func, args=[ast.Constant(value=str(said))], keywords=[]) if (
                    last_name(func) == "text"
                ):
                    return call if _NOTHING.fullmatch(said) else None
                case ast.Call(func=func, args=[ast.Constant(value=1)], keywords=[]) if last_name(func) == "select":
                    return call
    return _call(statement, session, "connection")


def _raises(body: Sequence[ast.stmt]) -> bool:
    """Whether *body* ends with an exception in any case."""
    match body[-1]:
        case ast.Raise():
            return True
        case ast.If(body=then, orelse=[_, *_] as other):
            return _raises(then) and _raises(other)
    return False


def _has_own_lines(node: ast.AST, block: ast.stmt) -> bool:
    """Whether the lines of the statement *block* of *node* hold nothing else, nor its header what stands in it."""
    inside = {id(n) for n in walk(block)}
    last = block.end_lineno or block.lineno
    for other in walk(node):
        if not isinstance(other, (ast.stmt, ast.ExceptHandler)) or id(other) in inside:
            continue
        if block in walk(other):
            if other.lineno == block.lineno:
                return False
        elif other.lineno <= last and (other.end_lineno or other.lineno) >= block.lineno:
            return False
    return not isinstance(block, (ast.Try, ast.With)) or block.body[0].lineno > _header_end(block)


def _header_end(block: ast.Try | ast.With) -> int:
    return max([block.lineno, *(i.context_expr.end_lineno or 0 for i in getattr(block, "items", []))])


def _has_long_texts(block: ast.Try | ast.With) -> bool:
    """Whether a text in *block* goes over several lines: it would change when they are moved, and so would a long header."""
    lines = itertools.chain.from_iterable(
        ((n.lineno, n.end_lineno) for n in walk(s) if isinstance(n, (ast.Constant, ast.JoinedStr))) for s in block.body
    )
    return _header_end(block) > block.lineno or any(first != last for first, last in lines)
