"""The statements in which an opened session lives, found by the shape of the code around the opening."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace
from typing import Literal

from alchemove_codemods.analysis.transactions.closing import read_before_bound
from alchemove_codemods.analysis.transactions.handed_on import done_with
from alchemove_codemods.analysis.transactions.held import Held
from alchemove_codemods.analysis.transactions.openers import Opener
from alchemove_codemods.analysis.transactions.wrappers import is_call_of, rolls_back_and_raises
from alchemove_codemods.facts import FunctionFacts
from alchemove_codemods.trees import walk

Form = Literal["with", "unwrapped", "swapped", "try", "inside-try", "plain"]


@dataclass(frozen=True, slots=True)
class Opening:
    """A call that opens a session: a site. ``factory`` is the expression that is called, ``rule`` the rule that covers it.

    ``begins`` says that its ``begin()`` is what is called, ``held`` that it goes by the name of an attribute or a parameter.
    """

    call: ast.Call
    factory: ast.expr
    opener: Opener
    function: FunctionFacts
    rule: str
    begins: bool = False
    held: Held | None = None


@dataclass(slots=True, eq=False)
class Scope:
    """Where the session ``name`` of an opening lives, and how a block is made of that.

    ``with`` keeps the statement as it is; ``unwrapped`` takes away a ``try`` inside of it that only rolls back; ``swapped`` puts the ``try`` around it;
    ``try`` makes the ``with`` out of a ``try`` that only rolled back and closed; ``inside-try`` puts it inside of one that does more; ``plain`` puts it
    around statements. ``body`` are the statements inside of it, ``node`` the statement that opens the session, ``attempt`` the ``try``, ``ended`` the
    calls of ``close()`` that are to go, ``later`` the statements behind the block; ``begun``: its transaction is a ``with`` of its own. What is not ``closed`` goes on loading for its objects.
    """

    opening: Opening
    form: Form
    name: str
    node: ast.stmt
    body: list[ast.stmt]
    attempt: ast.Try | None = None
    ended: list[ast.stmt] = field(default_factory=list)
    handlers: list[ast.ExceptHandler] = field(default_factory=list)
    final: list[ast.stmt] = field(default_factory=list)
    later: list[ast.stmt] = field(default_factory=list)
    commits: bool = False
    closed: bool = True
    begun: bool = False


class NoScope(Exception):
    """The session has no scope of a known shape: the reason, and what is particular."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


def scope_of(opening: Opening, parents: dict[ast.AST, ast.AST]) -> Scope:
    """The scope of *opening*; raises :exc:`NoScope`."""
    node: ast.AST = opening.call
    parent = parents.get(node)
    taken = False
    match parent:
        case ast.Call(func=ast.Name(id="next"), args=[inner], keywords=[]) if inner is node:
            if opening.opener.kind != "generator":
                raise NoScope("session-not-scoped", "given to next()")
            node, parent, taken = parent, parents.get(parent), True
        case ast.Call(func=ast.Name(id="closing") | ast.Attribute(attr="closing"), args=[inner], keywords=[]) if (
            inner is node
        ):
            node, parent = parent, parents.get(parent)
    if opening.opener.kind == "generator" and not taken:
        raise NoScope("session-not-scoped", done_with(node, parents))
    commits = (opening.opener.commits and not taken) or opening.begins
    match parent:
        case ast.withitem(optional_vars=ast.Name(id=name)):
            return _with(opening, parents, parent, name, commits=commits)
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)) if (
            opening.opener.kind != "manager"
        ):
            if opening.begins:
                raise NoScope("session-not-scoped", done_with(node, parents))
            assert isinstance(parent, ast.stmt)
            return _assigned(opening, parents, parent, name)
    raise NoScope("session-not-scoped", done_with(node, parents))


# with -------------------------------------------------------------------------------------------------------------------


def _with(opening: Opening, parents: dict[ast.AST, ast.AST], item: ast.withitem, name: str, *, commits: bool) -> Scope:
    node = parents[item]
    if not isinstance(node, ast.With):
        raise NoScope("session-not-scoped")
    siblings, index = _place(node, parents)
    later = siblings[index + 1 :]
    scope = Scope(opening, "with", name, node, node.body, later=later, commits=commits, begun=opening.begins)
    match node.items:
        case [_]:
            pass
        case [
            first,
            ast.withitem(
                context_expr=ast.Call(func=ast.Attribute(value=ast.Name(id=base), attr="begin"), args=[], keywords=[])
            ),
        ] if first is item and base == name and not commits:
            scope.commits = scope.begun = True
        case _:
            return scope
    match node.body:
        case [ast.Try(orelse=[], finalbody=final) as attempt] if all(is_call_of(s, name, "close") for s in final):
            scope.attempt, scope.ended = attempt, list(final)
            only_raise = bool(attempt.handlers) and all(rolls_back_and_raises(h.body, name) for h in attempt.handlers)
            if only_raise or not attempt.handlers:
                scope.form, scope.body = "unwrapped", attempt.body
            else:
                scope.form, scope.body, scope.handlers = "swapped", attempt.body, attempt.handlers
    return scope


# db = SessionLocal() ------------------------------------------------------------------------------------------------------


def _assigned(opening: Opening, parents: dict[ast.AST, ast.AST], node: ast.stmt, name: str) -> Scope:
    siblings, index = _place(node, parents)
    outer = parents[node]
    if isinstance(outer, ast.ClassDef):
        raise NoScope("session-kept", f"{outer.name}.{name}")
    if isinstance(outer, ast.Try) and siblings is outer.body and index == 0 and _closes(outer.finalbody, name):
        around, at = _place(outer, parents)
        return _attempt(opening, node, name, outer, outer.body[1:], around[at + 1 :])
    rest = siblings[index + 1 :]
    first = next((i for i, s in enumerate(rest) if mentions(s, name)), None)
    if first is None:
        if _is_read(opening.function, node, name):
            raise NoScope("session-not-scoped", f"{name} is used outside of the block it is opened in")
        raise NoScope("session-unused")
    attempt = rest[first]
    if isinstance(attempt, ast.Try) and not any(
        mentions(s, name) and not is_call_of(s, name, "close") for s in _until(rest[first + 1 :], name)
    ):
        return _attempt(opening, node, name, attempt, attempt.body, rest[first + 1 :])
    return _plain(opening, node, name, rest, first)


def _is_read(function: FunctionFacts, node: ast.stmt, name: str) -> bool:
    """Whether anything in *function* but *node* itself reads the variable *name*."""
    own = set(walk(node))
    return any(
        isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Load) and n not in own
        for n in walk(function.node)
    )


def _attempt(
    opening: Opening, node: ast.stmt, name: str, attempt: ast.Try, body: list[ast.stmt], later: list[ast.stmt]
) -> Scope:
    ended = [s for s in attempt.finalbody if _ends(s, name)]
    final = [s for s in attempt.finalbody if not _ends(s, name)]
    closing = [s for s in _until(later, name) if is_call_of(s, name, "close")]
    only_raise = all(rolls_back_and_raises(h.body, name) for h in attempt.handlers)
    if attempt.orelse and (not only_raise or final):
        raise NoScope("try-else")
    if any(mentions(s, name) for s in final):
        raise NoScope("session-in-finally")
    form: Form = "try" if only_raise and not final else "inside-try"
    handlers = [] if form == "try" else attempt.handlers
    return Scope(
        opening,
        form,
        name,
        node,
        [*body, *attempt.orelse],
        attempt,
        [*ended, *closing],
        handlers,
        final,
        later,
        closed=bool(ended or closing),
    )


def _plain(opening: Opening, node: ast.stmt, name: str, rest: list[ast.stmt], first: int) -> Scope:
    own = _until(rest, name)
    last = max(i for i, s in enumerate(own) if mentions(s, name))
    end = next((i for i in range(first, len(own)) if is_call_of(own[i], name, "close")), None)
    if end is not None:
        if read_before_bound(rest[end + 1 :], name):
            raise NoScope("used-after-end")
        return Scope(opening, "plain", name, node, own[first:end], ended=[own[end]], later=rest[end + 1 :])
    return Scope(opening, "plain", name, node, own[first : last + 1], later=rest[last + 1 :], closed=False)


def widened(scope: Scope) -> Scope | None:
    """*scope* with the statements behind it that use what was bound inside, of a session that nothing closes; None where there are none."""
    if scope.form != "plain" or scope.closed:
        return None
    bound = {n.id for s in scope.body for n in walk(s) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    last = max((i for i, s in enumerate(scope.later) if any(mentions(s, n) for n in bound)), default=None)
    if last is None:
        return None
    return replace(scope, body=[*scope.body, *scope.later[: last + 1]], later=scope.later[last + 1 :], closed=False)


def _until(body: list[ast.stmt], name: str) -> list[ast.stmt]:
    """The statements of *body* before *name* is bound anew."""
    for index, node in enumerate(body):
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(t, ast.Name) and t.id == name for t in targets):
                return body[:index]
        if isinstance(node, ast.With) and any(
            isinstance(i.optional_vars, ast.Name) and i.optional_vars.id == name for i in node.items
        ):
            return body[:index]
    return body


def _closes(body: list[ast.stmt], name: str) -> bool:
    return any(_ends(s, name) for s in body)


def _ends(node: ast.stmt, name: str) -> bool:
    """Whether *node* is ``db.close()``, also as ``if db: db.close()``."""
    match node:
        case ast.If(test=ast.Name(id=tested), body=[inner], orelse=[]) if tested == name:
            return is_call_of(inner, name, "close")
        case ast.If(test=ast.Compare(left=ast.Name(id=tested)), body=[inner], orelse=[]) if tested == name:
            return is_call_of(inner, name, "close")
    return is_call_of(node, name, "close")


def mentions(node: ast.AST, name: str) -> bool:
    """Whether the variable *name* occurs below *node*."""
    return any(isinstance(inner, ast.Name) and inner.id == name for inner in ast.walk(node))


def _place(node: ast.stmt, parents: dict[ast.AST, ast.AST]) -> tuple[list[ast.stmt], int]:
    """The block that *node* stands in, and where."""
    parent = parents[node]
    for field_name in ("body", "orelse", "finalbody"):
        block = getattr(parent, field_name, None)
        if isinstance(block, list) and node in block:
            return block, block.index(node)
    raise NoScope("session-not-scoped")
