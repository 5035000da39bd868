"""How functions may end that have expired objects of their session: what they give then, and what they raise.

    def saved(db):
        try:
            db.commit()
        except IntegrityError:
            db.rollback()
            return False
        return True

Where a function gives a constant behind a rollback, and its caller asks for that and leaves (``if user is None: raise HTTPException(404)``), what
comes after is only run where nothing was rolled back.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

from alchemove_codemods.colours.aftermath import Aftermath, Flow, aftermath, flow_of, may_raise, returned_before
from alchemove_codemods.colours.following import following
from alchemove_codemods.colours.generators import is_generator
from alchemove_codemods.colours.graph import Graph
from alchemove_codemods.colours.possible_objects import is_new, may_be_object
from alchemove_codemods.colours.savepoints import expires_given
from alchemove_codemods.colours.site import Site
from alchemove_codemods.colours.thrown import ANY, Thrown
from alchemove_codemods.facts import FunctionFacts
from alchemove_codemods.trees import walk

End = Literal["nothing", "false", "asked", "anything"]
"""What a function gives behind a rollback: ``None``, a constant that is false, what it asks for only then, or anything."""

METHODS: Final = frozenset({"rollback", "expire", "expire_all"})
"""The methods of a session that expire its objects."""
_ORDER: Final[tuple[End, ...]] = ("nothing", "false", "asked", "anything")
_LEAVING: Final = (ast.Raise, ast.Return, ast.Continue, ast.Break)


@dataclass(frozen=True, slots=True)
class Left:
    """How a function may end that has expired objects: ``end`` is what it gives then, None if it never does, and ``thrown`` what it raises."""

    end: End | None = None
    thrown: frozenset[Thrown] = frozenset()

    def __or__(self, other: Left) -> Left:
        ends: list[End] = [end for end in (self.end, other.end) if end is not None]
        return Left(max(ends, key=_ORDER.index, default=None), self.thrown | other.thrown)


class Endings:
    """Answers for one program."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    def expires(self, site: Site) -> bool:
        """Whether *site* expires the objects of a session, or calls what may."""
        if site.kind == "io":
            return site.name in METHODS
        return site.kind == "call" and any(t in self.of for t in site.targets)

    def is_savepoint(self, site: Site) -> bool:
        """Whether *site* is a savepoint whose rollback may expire what its function was given."""
        return site.kind == "io" and site.name == "begin_nested" and expires_given(self._graph, site)

    def inside(self, site: Site) -> Iterator[Site]:
        """The sites of what is run by *site*, and leaves expired objects."""
        for target in site.targets:
            for function in (target, *self._wrapped_by(target)):
                for inner in self._graph.sites.get(function, ()):
                    if self.expires(inner) or self.is_savepoint(inner):
                        yield inner

    def left(self, site: Site) -> Left:
        """How the function of *site* may end where objects are expired there."""
        return self._leaves(site, self.of)

    def next(self, site: Site) -> Aftermath | None:
        """What comes after *site* where it gives something behind what it has expired; None if it never does."""
        return self._next(site, self.of)

    def caught(self, site: Site) -> Aftermath | None:
        """What comes after *site* where it raises behind what it has expired; None if it never does."""
        return self._caught(site, self.of)

    def returned_before(self, site: Site) -> Iterator[ast.Return]:
        """The ``return`` that give an object and run a ``finally`` with *site* before the function ends."""
        for each in returned_before(site.function, site.node):
            if each.value is not None and may_be_object(self._graph, site.function, each.value):
                yield each

    @cached_property
    def of(self) -> Mapping[FunctionFacts, Left]:
        """How the functions may end that have expired objects."""
        found: dict[FunctionFacts, Left] = {}
        calls = [s for sites in self._graph.sites.values() for s in sites if s.kind == "io"]
        pending = [s for s in calls if s.name in METHODS or self.is_savepoint(s)]
        for function in self.unclear:
            found[function] = Left("nothing", frozenset({ANY}))
            pending += [s for s in self._graph.callers.get(function, ()) if s.kind == "call"]
        while pending:
            site = pending.pop()
            left = self._leaves(site, found)
            for function in (site.function, *self._wrapping.get(site.function, ())):
                before = found.get(function, Left())
                if before | left != before:
                    found[function] = before | left
                    pending += [s for s in self._graph.callers.get(function, ()) if s.kind == "call"]
        return found

    @cached_property
    def unclear(self) -> frozenset[FunctionFacts]:
        """The functions around which a decorator that stays what it is rolls back what is not known to be a session."""
        return frozenset(
            f for inner, around in self._wrapping.items() if self._rolls_something_back(inner) for f in around
        )

    def _rolls_something_back(self, function: FunctionFacts) -> bool:
        known = {site.node for site in self._graph.sites.get(function, ())}
        return any(
            isinstance(node, ast.Call)
            and node not in known
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in METHODS
            for node in walk(function.node)
        )

    @cached_property
    def _wrapping(self) -> dict[FunctionFacts, list[FunctionFacts]]:
        """The functions inside of decorators that stay what they are, and what they are run around."""
        found: dict[FunctionFacts, list[FunctionFacts]] = {}
        for function in self._graph.wrapping.unknown:
            for inner in self._wrapped_by(function):
                found.setdefault(inner, []).append(function)
        return found

    def _wrapped_by(self, function: FunctionFacts) -> Iterator[FunctionFacts]:
        """The functions inside of the decorator of *function* if that stays what it is."""
        decorator = self._graph.wrapping.unknown.get(function)
        for inner in decorator.module.functions.values() if decorator is not None else ():
            outer = inner.outer
            while outer is not None and outer is not decorator:
                outer = outer.outer
            if outer is not None:
                yield inner

    def _leaves(self, site: Site, left: Mapping[FunctionFacts, Left]) -> Left:
        """How the function of *site* may end where objects are expired there."""
        ends = list(self._passed_on(site, left))
        thrown: set[Thrown] = set()
        for after in filter(None, (self._next(site, left), self._caught(site, left))):
            ends += self._given_by(site.function, after.statements)
            if after.ends:
                ends.append("nothing")
            thrown |= after.thrown
        return Left(max(ends, key=_ORDER.index, default=None), frozenset(thrown))

    def _passed_on(self, site: Site, left: Mapping[FunctionFacts, Left]) -> Iterator[End]:
        """What ``return`` gives if *site* is in one, or in a ``finally`` that is run before."""
        statement = site.function.module.source.statement_around(site.node)
        yield from self._given_by(site.function, self.returned_before(site))
        if not isinstance(statement, ast.Return):
            return
        if statement.value is not site.node:
            yield from self._given_by(site.function, [statement])
        elif site.kind == "io":
            yield "nothing"
        else:
            for target in site.targets:
                if target in left and (end := left[target].end) is not None:
                    yield end

    def _next(self, site: Site, left: Mapping[FunctionFacts, Left]) -> Aftermath | None:
        """What comes after *site* where it gives something behind what it has expired; None if it never does."""
        function, graph = site.function, self._graph
        if site.kind == "call" and all(left[t].end is None for t in site.targets if t in left):
            return None
        statement = function.module.source.statement_around(site.node)
        if statement is None:
            return None
        block = self._guarded(site, left)
        if block is not None:
            # The rest is run where the call has given something else.
            after = aftermath(graph.knowledge, function, block, flow_of(graph.knowledge, function, block.body))
            return Aftermath((*block.body, *after.statements), after.ends, after.thrown)
        flow = flow_of(graph.knowledge, function, [statement])
        if isinstance(statement, (ast.Expr, ast.Assign, ast.AnnAssign, ast.AugAssign)):
            flow.thrown = {ANY} if may_raise(statement, but=site.node) else set()
        after = aftermath(graph.knowledge, function, statement, flow)
        return Aftermath((*self._body(site, statement), *after.statements), after.ends, after.thrown)

    def _body(self, site: Site, statement: ast.stmt) -> list[ast.stmt]:
        """The statements in *statement*, whose head has *site*; a savepoint and a context manager of the program expire at their end."""
        at_end = self.is_savepoint(site) or any(map(is_generator, site.targets))
        if isinstance(statement, (ast.With, ast.AsyncWith)) and at_end:
            return []
        if isinstance(statement, ast.Match):
            return [inner for case in statement.cases for inner in case.body]
        return [each for each in ast.iter_child_nodes(statement) if isinstance(each, ast.stmt)]

    def _caught(self, site: Site, left: Mapping[FunctionFacts, Left]) -> Aftermath | None:
        """What comes after *site* where it raises behind what it has expired; None if it never does."""
        statement = site.function.module.source.statement_around(site.node)
        thrown = {each for t in site.targets if t in left for each in left[t].thrown}
        if site.kind != "call" or statement is None or not thrown:
            return None
        return aftermath(self._graph.knowledge, site.function, statement, Flow(on=False, thrown=thrown))

    def _given_by(self, function: FunctionFacts, statements: Iterable[ast.AST]) -> Iterator[End]:
        """What the ``return`` in *statements* give."""
        for node in (n for statement in statements for n in walk(statement)):
            if isinstance(node, ast.Return):
                match node.value:
                    case None | ast.Constant(value=None):
                        yield "nothing"
                    case ast.Constant(value=False | 0 | ""):
                        yield "false"
                    case ast.Call() as call if is_new(self._graph, function, call):
                        yield "asked"
                    case _:
                        yield "anything"

    def _guarded(self, site: Site, left: Mapping[FunctionFacts, Left]) -> ast.If | None:
        """The ``if`` that alone is run where the call *site* gives what it gives behind a rollback: it leaves."""
        known = {left[t].end for t in site.targets if t in left} - {None}
        if site.kind != "call" or not known.isdisjoint({"asked", "anything"}):
            return None
        only = None if "false" in known else "nothing"
        source = site.function.module.source
        statement = source.statement_around(site.node)
        match statement:
            case ast.If(test=test) if _is_false_for(test, site.node, only):
                return statement if isinstance(statement.body[-1], _LEAVING) else None
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=value)
            ) if value is site.node:
                following_one = next(iter(following(source.parents, statement)), None)
                if isinstance(following_one, ast.If) and _is_false_for(following_one.test, name, only):
                    return following_one if isinstance(following_one.body[-1], _LEAVING) else None
        return None


def _is_false_for(test: ast.expr, held: ast.AST | str, only: str | None) -> bool:
    """Whether *test* holds where *held*, a name or the call itself, is a constant that is false, or ``None`` if it is *only* that."""

    def is_held(node: ast.expr) -> bool:
        return node is held or (isinstance(node, ast.Name) and node.id == held)

    match test:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return is_held(operand)
        case ast.Compare(left=left, ops=[ast.Is() | ast.Eq()], comparators=[ast.Constant(value=None)]):
            return only == "nothing" and is_held(left)
    return False
