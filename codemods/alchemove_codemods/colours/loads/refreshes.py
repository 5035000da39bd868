"""Where an object can be refreshed: after the flush, commit or refresh that comes before it is read.

What a statement loads in addition does nothing for an object that is made here, and not enough for one that is changed
here. After ``commit()`` the legacy session reads such an object again, attribute by attribute; ``refresh()`` with the names of
the attributes does so at once.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from alchemove_codemods.colours.expiry import said
from alchemove_codemods.colours.loads.scopes import given
from alchemove_codemods.colours.unfinished import starts_a_line
from alchemove_codemods.facts import FunctionFacts
from alchemove_codemods.trees import children, suites, walk
from alchemove_codemods.values import Class, parts

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours

_ADDING = frozenset({"add", "add_all"})
_ROLLBACK = frozenset({"rollback"})
LETTING_GO = frozenset({"delete", "expunge", "expunge_all"})
_PLAIN = (ast.Return, ast.Expr, ast.Assign, ast.AnnAssign, ast.AugAssign)


@dataclass(frozen=True, slots=True, eq=False)
class Refresh:
    """The object ``name`` of ``function`` can be refreshed with ``session`` after the line of ``statement``.

    ``call`` is what comes before: it is a ``flush``, a ``commit``, or a ``refresh`` of the object. That one may name what
    it loads (``names``); the object is read again as a whole by a commit, or a refresh without names. ``made`` is the call
    of its class, if that is all it can be.
    """

    function: FunctionFacts
    name: str
    session: ast.expr
    statement: ast.stmt
    call: ast.Call
    kind: Literal["flush", "commit", "refresh"]
    names: frozenset[str] = frozenset()
    made: ast.Call | None = None

    @property
    def again(self) -> bool:
        """Whether everything of the object is read again from here on."""
        return self.kind == "commit" or (self.kind == "refresh" and not self.names)


class Refreshes:
    """Answers for one program."""

    def __init__(self, colours: Colours) -> None:
        self._colours = colours
        self._called: dict[FunctionFacts, frozenset[str]] = {}
        # A session that keeps what objects have is the same before and after.
        layer = colours.layer.module if colours.layer is not None else None
        self._expires = not said(colours.knowledge.program, layer)

    def before(self, function: FunctionFacts, node: ast.Name, use: ast.AST) -> list[Refresh]:
        """Where the object *node* of *function* can be refreshed before *use*, from there backwards, as long as it is the same."""
        value = given(function, function.module.source.parents, node)
        if self._lets_go(function, node.id):
            return []
        if len(value) != 1 or value[0].index is not None or value[0].kind not in ("value", "parameter"):
            return []
        begins = function.module.source.start(value[0].node) if value[0].node is not None else 0
        made = self._constructed(function, value[0].node)
        return [
            replace(each, made=made)
            for each in self._found(function, node.id, use)
            if function.module.source.start(each.call) > begins
        ]

    def _lets_go(self, function: FunctionFacts, name: str) -> bool:
        """Whether *function* may delete the object *name* or take it out of its session: it keeps what it has then."""
        graph = self._colours.graph
        for site in graph.sites.get(function, ()):
            arguments = site.node.args if isinstance(site.node, ast.Call) else []
            named = any(isinstance(n, ast.Name) and n.id == name for a in arguments for n in walk(a))
            if site.kind == "io" and (site.name == "expunge_all" or (named and site.name in LETTING_GO)):
                return True
            if named and self._calls(site.targets, LETTING_GO):
                return True
        return False

    def _calls(self, functions: Iterable[FunctionFacts], names: frozenset[str]) -> bool:
        """Whether *functions*, or what they call, call a method of a session that is among *names*."""
        graph = self._colours.graph
        for function in functions:
            if function not in self._called:
                sites = (s for f in graph.reached([function]) for s in graph.sites.get(f, ()))
                self._called[function] = frozenset(s.name for s in sites if s.kind == "io")
            if self._called[function] & names:
                return True
        return False

    def _rolls_back(self, function: FunctionFacts) -> bool:
        """Whether *function* may go on after a rollback."""
        graph, parents = self._colours.graph, function.module.source.parents
        for site in graph.sites.get(function, ()):
            named = site.kind == "io" and site.name == "rollback"
            if (named or self._calls(site.targets, _ROLLBACK)) and not _ends_there(parents, site.node):
                return True
        return False

    def _constructed(self, function: FunctionFacts, node: ast.expr | None) -> ast.Call | None:
        """The call of a class that *node* is."""
        if isinstance(node, ast.Call):
            values = list(parts(self._colours.graph.value(function, node.func)))
            if values and all(isinstance(v, Class) for v in values):
                return node
        return None

    def is_persistent(self, refresh: Refresh) -> bool:
        """Whether the object is in the database for sure: it was added before, or is refreshed already."""
        if refresh.kind == "refresh":
            return True
        if self._rolls_back(refresh.function):
            # What was new is then as if it had not been added.
            return False
        return any(self.adds(refresh, statement) for statement in leading_to(refresh.function, refresh.statement))

    def adds(self, refresh: Refresh, statement: ast.stmt) -> bool:
        """Whether *statement* adds the object of *refresh* to its session."""
        match statement:
            case ast.Expr(value=ast.Call() as call) | ast.Expr(value=ast.Await(value=ast.Call() as call)):
                pass
            case _:
                return False
        match call:
            case ast.Call(func=ast.Attribute(value=session, attr=attr), args=[first]) if attr in _ADDING:
                added = first.elts if isinstance(first, (ast.List, ast.Tuple)) else [first]
                named = any(isinstance(a, ast.Name) and a.id == refresh.name for a in added)
                return named and ast.unparse(session) == ast.unparse(refresh.session)
        return False

    def is_there(self, refresh: Refresh) -> bool:
        """Whether what may be ``None`` is an object there: it was used as one before, or the function has ended otherwise."""
        if refresh.kind == "refresh":
            return True
        before = any(_proves(s, refresh.name) for s in leading_to(refresh.function, refresh.statement))
        return before or self._is_used_next(refresh)

    def _is_used_next(self, refresh: Refresh) -> bool:
        """Whether an attribute is read by the next statement, so that ``None`` would raise there as well."""
        holder = refresh.function.module.source.parents.get(refresh.statement)
        for suite in suites(holder) if holder is not None else ():
            if refresh.statement in suite:
                later = suite[suite.index(refresh.statement) + 1 :]
                return bool(later) and isinstance(later[0], _PLAIN) and _reads_for_sure(later[0], refresh.name)
        return False

    def _found(self, function: FunctionFacts, name: str, use: ast.AST) -> Iterator[Refresh]:
        parents = function.module.source.parents
        below: ast.AST = use
        at = parents.get(use)
        while at is not None and below is not function.node:
            for suite in suites(at):
                if isinstance(below, ast.stmt) and below in suite:
                    for statement in reversed(suite[: suite.index(below)]):
                        yield from self._in(function, name, statement)
            if isinstance(at, (ast.For, ast.AsyncFor, ast.While)):
                return
            below, at = at, parents.get(at)

    def _in(self, function: FunctionFacts, name: str, statement: ast.stmt) -> Iterator[Refresh]:
        """What *statement* is, or has done for sure when it ends."""
        match statement:
            case ast.Expr(value=ast.Call() as call) | ast.Expr(value=ast.Await(value=ast.Call() as call)):
                found = self._of(function, name, statement, call)
                if found is not None:
                    yield found
            case ast.Try(body=body, handlers=handlers, orelse=[], finalbody=[]) if all(
                isinstance(h.body[-1], (ast.Raise, ast.Return)) for h in handlers
            ):
                for inner in reversed(body):
                    yield from self._in(function, name, inner)

    def _of(self, function: FunctionFacts, name: str, statement: ast.stmt, call: ast.Call) -> Refresh | None:
        match call:
            case ast.Call(func=ast.Attribute(value=session, attr=attr), args=arguments, keywords=keywords):
                if not self._colours.graph.is_session(function, session) or not stands_alone(function, statement):
                    return None
            case _:
                return None
        match attr, arguments, keywords:
            case "commit", [], [] if self._expires:
                return Refresh(function, name, session, statement, call, "commit")
            case (("flush" | "commit"), [], []):
                return Refresh(function, name, session, statement, call, "flush")
            case "refresh", [ast.Name(id=refreshed)], [] if refreshed == name:
                return Refresh(function, name, session, statement, call, "refresh")
            case "refresh", [ast.Name(id=refreshed), *_], _ if refreshed == name:
                named = [*arguments[1:], *(k.value for k in keywords if k.arg == "attribute_names")]
                names = frozenset(
                    e.value
                    for n in named
                    if isinstance(n, (ast.List, ast.Tuple))
                    for e in n.elts
                    if isinstance(e, ast.Constant) and isinstance(e.value, str)
                )
                return Refresh(function, name, session, statement, call, "refresh", names) if names else None
        return None


def _ends_there(parents: Mapping[ast.AST, ast.AST], node: ast.AST) -> bool:
    """Whether *node* stands in an ``except`` that the function leaves at its end."""
    at: ast.AST | None = node
    while at is not None and not isinstance(at, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
        if isinstance(at, ast.ExceptHandler):
            return isinstance(at.body[-1], (ast.Raise, ast.Return))
        at = parents.get(at)
    return False


def leading_to(function: FunctionFacts, statement: ast.stmt) -> Iterator[ast.stmt]:
    """The statements that have been run for sure when *statement* of *function* is."""
    parents = function.module.source.parents
    below: ast.AST = statement
    at = parents.get(below)
    while at is not None and below is not function.node:
        for suite in suites(at):
            if isinstance(below, ast.stmt) and below in suite:
                for before in suite[: suite.index(below)]:
                    yield from done(before)
        below, at = at, parents.get(at)


def done(statement: ast.stmt) -> Iterator[ast.stmt]:
    """*statement*, and what is run for sure inside it if the function goes on behind it."""
    yield statement
    match statement:
        case ast.With(body=body) | ast.AsyncWith(body=body):
            inside = body
        case ast.Try(body=body, handlers=handlers) if all(
            isinstance(h.body[-1], (ast.Raise, ast.Return)) for h in handlers
        ):
            inside = body
        case _:
            return
    for inner in inside:
        yield from done(inner)


def stands_alone(function: FunctionFacts, statement: ast.stmt) -> bool:
    """Whether *statement* is all that is on its lines."""
    source = function.module.source
    rest = source.text[source.end(statement) :].split("\n", 1)[0].strip()
    return starts_a_line(function, statement) and (not rest or rest.startswith("#"))


def _proves(statement: ast.stmt, name: str) -> bool:
    """Whether the function does not go on behind *statement* with *name* being ``None``."""
    match statement:
        case ast.If(test=test, body=[*_, ast.Raise() | ast.Return()], orelse=[]):
            return any(
                _denies(part, name)
                for part in (test.values if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.Or) else [test])
            )
        case (
            ast.Assign(targets=[ast.Attribute(value=ast.Name(id=found))])
            | ast.AugAssign(target=ast.Attribute(value=ast.Name(id=found)))
        ):
            return found == name
        case ast.Assign() | ast.AnnAssign() | ast.AugAssign() | ast.Expr() | ast.Return():
            return _reads_for_sure(statement, name)
    return False


def _reads_for_sure(node: ast.AST, name: str) -> bool:
    """Whether evaluating *node* reads an attribute of *name* whatever else happens."""
    match node:
        case ast.Attribute(value=ast.Name(id=found), ctx=ast.Load()) if found == name:
            return True
        case ast.IfExp(test=test):
            return _reads_for_sure(test, name)
        case ast.BoolOp(values=[first, *_]):
            return _reads_for_sure(first, name)
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            return _reads_for_sure(node.generators[0].iter, name)
        case ast.Lambda():
            return False
    return any(_reads_for_sure(inner, name) for inner in children(node))


def _denies(node: ast.expr, name: str) -> bool:
    """Whether *node* is true if *name* is ``None``."""
    match node:
        case ast.UnaryOp(op=ast.Not(), operand=ast.Name(id=found)):
            return found == name
        case ast.Compare(left=ast.Name(id=found), ops=[ast.Is() | ast.Eq()], comparators=[ast.Constant(value=None)]):
            return found == name
    return False
