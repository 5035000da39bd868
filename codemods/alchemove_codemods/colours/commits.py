"""Commits of endpoints that can be flushes, because the request's session commits before the response anyway.

Between such a commit and the end of the request nothing may happen that relies on it, or that could keep the end from
committing: what comes after it is followed, through the callers, up to the endpoints.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from alchemove_codemods.colours.answers import Answers
from alchemove_codemods.colours.generators import is_generator
from alchemove_codemods.colours.roots import Injection
from alchemove_codemods.colours.site import Site
from alchemove_codemods.facts import FunctionFacts
from alchemove_codemods.values import Instance

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours

_WORDS = (b"after_commit", b"before_commit", b"after_transaction_end", b"isolation_level", b"deferrable", b"DEFERRABLE")


@dataclass(slots=True)
class _Way:
    """What is known on the way from a commit to the end of the request."""

    fresh: set[str] = field(default_factory=set[str])
    """The variables that hold objects which were read from the database after it."""
    returned: list[bool] = field(default_factory=list[bool])
    """Of each ``return``, whether it gives such an object."""


class Commits:
    """Answers for one program whose colours are decided."""

    def __init__(self, colours: Colours) -> None:
        self._colours = colours
        self._answers = Answers(colours.graph)

    def kept(self, site: Site) -> str | None:
        """What relies on the commit *site*, or could; None if a flush does as well."""
        if self._everywhere is not None:
            return self._everywhere
        assert isinstance(site.node, ast.Call)
        if site.node.args or site.node.keywords:
            return "it has arguments"
        return self._relies(site, frozenset(), fresh=False)

    @cached_property
    def _everywhere(self) -> str | None:
        """What all commits of the program are needed for."""
        colours = self._colours
        replaced = [o for o in colours.overrides.found if colours.requests.hands_out(o.provider)]
        if colours.overrides.modern is not None:
            return f"tests override the session themselves ({colours.overrides.modern})"
        if replaced:
            where = replaced[0]
            line, _ = where.module.source.place(where.key)
            return f"tests override the session, and theirs is not committed at the end ({where.module.path}:{line})"
        for word in _WORDS:
            for path in colours.knowledge.program.mentioning(word):
                return f"{path} has to do with {word.decode()}"
        return None

    def _relies(self, site: Site, seen: frozenset[FunctionFacts], *, fresh: bool) -> str | None:
        """What relies on the commit that *site* makes, or that is made by what it calls, which gives a *fresh* object."""
        function = site.function
        if function not in self._colours.coroutines or isinstance(function.node, ast.Lambda) or function in seen:
            return f"{function.name} is called in several ways"
        statement = self._statement(site)
        if statement is None:
            return self._said(function, site.node, "stands in a loop, a block or a larger statement")
        way = _Way()
        if fresh and isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            way.fresh.add(statement.targets[0].id)
        if isinstance(statement, ast.Return):
            culprit = self._given(function, statement, way, fresh=fresh)
        else:
            culprit = self._after(function, statement, way)
        is_endpoint = function in self._colours.roots.endpoints
        callers = self._colours.graph.callers.get(function, [])
        if culprit is None and is_endpoint:
            culprit = self._at_the_end(function)
        if culprit is None and not is_endpoint and not callers:
            culprit = f"nobody is seen to call {function.name}"
        gives = bool(way.returned) and all(way.returned)
        for caller in callers if culprit is None else ():
            if (culprit := self._relies(caller, seen | {function}, fresh=gives)) is not None:
                break
        return culprit

    def _statement(self, site: Site) -> ast.stmt | None:
        """The statement that *site* is all of, if it stands in no loop and no block that does something at its end."""
        parents = site.function.module.source.parents
        statement = parents.get(site.node)
        if isinstance(statement, ast.Await):
            statement = parents.get(statement)
        if not isinstance(statement, (ast.Expr, ast.Return, ast.Assign)) or statement.value is not site.node:
            return None
        at: ast.AST | None = statement
        while at is not None and at is not site.function.node:
            if isinstance(at, (ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.ExceptHandler)):
                return None
            if isinstance(at, ast.Try) and at.finalbody:
                return None
            at = parents.get(at)
        return statement

    def _after(self, function: FunctionFacts, statement: ast.stmt, way: _Way) -> str | None:
        """What of the statements that may run after *statement* relies on the commit."""
        for later in _following(function, statement):
            if (culprit := self._harmful(function, later, way)) is not None:
                return culprit
            if isinstance(later, ast.Return):
                break
        return None

    def _harmful(self, function: FunctionFacts, node: ast.stmt, way: _Way) -> str | None:
        match node:
            case ast.Pass():
                return None
            case ast.Expr(value=ast.Constant()):
                return None
            case ast.Expr(value=call) if self._answers.is_logging(function, call):
                return None
            case ast.Expr(value=ast.Call(args=[ast.Name(id=name)]) as call) if self._refreshes(function, call):
                way.fresh.add(name)
                return None
            case ast.Assign(targets=[ast.Name()], value=value) if self._answers.is_plain(function, value):
                return None
            case ast.If(test=test, body=body, orelse=orelse) if self._answers.is_plain(function, test):
                found = (self._harmful(function, n, way) for n in [*body, *orelse])
                return next((f for f in found if f is not None), None)
            case ast.Return():
                return self._given(function, node, way)
        return self._said(function, node, "comes after it")

    def _given(self, function: FunctionFacts, node: ast.Return, way: _Way, *, fresh: bool | None = None) -> str | None:
        """Why *node* may fail; *fresh* says of a call that it returns whether it gives an object of the database."""
        value = node.value
        is_fresh = fresh if fresh is not None else isinstance(value, ast.Name) and value.id in way.fresh
        way.returned.append(is_fresh)
        if function in self._colours.roots.endpoints:
            route = self._colours.roots.endpoints[function]
            if not self._answers.is_safe(function, value, route, is_fresh=is_fresh):
                return self._said(function, node, "makes a response that could fail")
        elif fresh is None and not isinstance(value, ast.Name) and not self._answers.is_plain(function, value):
            return self._said(function, node, "comes after it")
        return None

    def _refreshes(self, function: FunctionFacts, call: ast.Call) -> bool:
        sites = self._colours.graph.sites.get(function, ())
        return any(s.node is call and s.kind == "io" and s.name == "refresh" for s in sites) and not call.keywords

    def _at_the_end(self, function: FunctionFacts) -> str | None:
        """What of the request of the endpoint *function* stands against it."""
        colours = self._colours
        given = colours.roots.injections.get(function, [])
        sessions = [i for i in given if colours.holders.injected(i) in colours.injected]
        if len(sessions) != 1 or colours.holders.injected(sessions[0]) not in colours.asynchronous:
            return f"the session of {function.name} does not commit at the end"
        if function in colours.unfinished:
            return f"{function.name} leaves changes uncommitted elsewhere"
        for other in self._colours.roots.injected(function):
            if other.provider is not None and other.provider in colours.dropping:
                return f"{other.provider.name} drops what is uncommitted at the end of its requests"
            if not colours.requests.hands_out(other.provider) and not self._ends_before(other):
                return f"{other.parameter.arg} of {other.function.name} may do something at the end of the request"
        return None

    def _ends_before(self, injection: Injection) -> bool:
        """Whether what *injection* calls is done before the endpoint runs."""
        if injection.provider is not None:
            return not is_generator(injection.provider)
        called = injection.call.args[0] if injection.call.args else None
        module = injection.alias[0] if injection.alias is not None else injection.function.module
        value = self._colours.knowledge.static(module, called) if called is not None else None
        return isinstance(value, Instance) and isinstance(value.cls, str) and value.cls.startswith("fastapi.security")

    def _said(self, function: FunctionFacts, node: ast.AST, what: str) -> str:
        line, _ = function.module.source.place(node)
        return f"{function.module.path}:{line} {what}"


def _following(function: FunctionFacts, statement: ast.stmt) -> Iterator[ast.stmt]:
    """The statements that run after *statement* if none raises, to the end of *function*."""
    parents = function.module.source.parents
    at: ast.AST = statement
    while at is not function.node:
        holder = parents[at]
        for name in ("body", "orelse", "finalbody"):
            block = getattr(holder, name, None)
            if isinstance(block, list) and at in block:
                yield from block[block.index(at) + 1 :]
                if isinstance(holder, ast.Try):
                    yield from [
                        *(holder.orelse if name == "body" else ()),
                        *(holder.finalbody if name != "finalbody" else ()),
                    ]
        at = holder
