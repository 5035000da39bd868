"""Calls behind which the objects of a session are expired: of functions that roll back, or expire them, and go on.

    def saved(db):                                     user = db.get(User, 1)
        try:                                           if not saved(db):
            db.commit()                                    log(user.name)      # loads the object again
        except IntegrityError:
            db.rollback()
            return False
        return True

What raises behind its rollback expires what is read where that is caught, here or in a caller. Where a function gives a constant behind it, and
its caller asks for that and leaves (``if user is None: raise HTTPException(404)``), what comes after is only run where nothing was rolled back.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

from alchemove_codemods.colours.aftermath import Aftermath, Flow, aftermath, flow_of, may_raise, returned_before
from alchemove_codemods.colours.following import beside, following
from alchemove_codemods.colours.generators import is_generator
from alchemove_codemods.colours.graph import Graph
from alchemove_codemods.colours.loads.scopes import given, loop_around
from alchemove_codemods.colours.mapped_values import is_mapped_value, is_unknown
from alchemove_codemods.colours.said import may_give_objects
from alchemove_codemods.colours.savepoints import expires_given, gives_expired, is_read_behind_savepoint
from alchemove_codemods.colours.site import Site
from alchemove_codemods.colours.thrown import ANY, Thrown
from alchemove_codemods.colours.unknown_reads import may_be_read
from alchemove_codemods.facts import FunctionFacts, last_name
from alchemove_codemods.trees import walk

End = Literal["nothing", "false", "asked", "anything"]
"""What a function gives behind a rollback: ``None``, a constant that is false, what it asks for only then, or anything."""

METHODS: Final = frozenset({"rollback", "expire", "expire_all"})
"""The methods of a session that expire its objects."""
_ORDER: Final[tuple[End, ...]] = ("nothing", "false", "asked", "anything")
_CONTAINERS: Final = frozenset({"dict", "Dict", "list", "List", "tuple", "Tuple", "Any"})
_LEAVING: Final = (ast.Raise, ast.Return, ast.Continue, ast.Break)


@dataclass(frozen=True, slots=True)
class Left:
    """How a function may end that has expired objects: ``end`` is what it gives then, None if it never does, and ``thrown`` what it raises."""

    end: End | None = None
    thrown: frozenset[Thrown] = frozenset()

    def __or__(self, other: Left) -> Left:
        ends = [end for end in (self.end, other.end) if end is not None]
        return Left(max(ends, key=_ORDER.index, default=None), self.thrown | other.thrown)


class Expiring:
    """Answers for one program."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._answers: dict[Site, bool] = {}
        self._nodes: dict[Site, list[ast.AST]] = {}

    def is_read_behind(self, site: Site) -> bool:
        """Whether *site* may leave expired objects behind, and one that was there before is read afterwards."""
        if site not in self._answers:
            self._answers[site] = self._is_read_behind(site)
        return self._answers[site]

    def rollbacks(self, site: Site) -> frozenset[Site] | None:
        """The rollbacks behind which *site* may leave expired objects; None if something else may have expired them."""
        found: set[Site] = set()
        raising = self._is_read_where(site, self._caught(site, self._left))
        giving = not raising or self._is_read_where(site, self._next(site, self._left))
        pending, seen = [(site, giving, raising)], {site}
        while pending:
            here, giving, raising = pending.pop()
            if here.kind == "io" and here.name == "rollback":
                found.add(here)
                continue
            if here.kind != "call" or any(t in self._giving for t in here.targets):
                return None
            for inner in self._inside(here):
                left = self._leaves(inner, self._left)
                if inner not in seen and ((giving and left.end is not None) or (raising and left.thrown)):
                    seen.add(inner)
                    pending.append((inner, True, True))
        return frozenset(found)

    def _inside(self, site: Site) -> Iterator[Site]:
        """The sites of what is run by *site*, and leaves expired objects."""
        for target in site.targets:
            for function in (target, *self._wrapped_by(target)):
                for inner in self._graph.sites.get(function, ()):
                    if self._expires(inner) or self._is_savepoint(inner):
                        yield inner

    def is_left_behind(self, site: Site) -> bool:
        """Whether its function may go on, or end, behind *site* with expired objects."""
        return self._is_savepoint(site) or (self._expires(site) and self._leaves(site, self._left).end is not None)

    def may_be_read_behind(self, site: Site) -> bool:
        """Whether an object that *site* has expired may be read afterwards through something that is not known."""
        return self._expires(site) and may_be_read(self._graph, site, self._behind(site))

    def goes_on_to_yield(self, site: Site) -> bool:
        """Whether its function, a generator, may give something away behind *site*."""
        return any(isinstance(n, (ast.Yield, ast.YieldFrom)) for n in self._behind(site))

    def is_behind(self, site: Site, name: ast.Name) -> bool:
        """Whether *name* stands behind *site*, and may hold an object that was there before."""
        return name in self._behind(site) and not self._is_made_later(site, name)

    def _is_read_behind(self, site: Site) -> bool:
        if site.kind == "io" and site.name == "begin_nested":
            return is_read_behind_savepoint(self._graph, site)
        if site.kind == "call" and any(t in self._giving for t in site.targets):
            return not isinstance(site.function.module.source.parents.get(site.node), ast.Expr)
        return self._expires(site) and (
            any(self._is_read(site, node) for node in self._behind(site)) or any(self._returned_before(site))
        )

    def _is_read_where(self, site: Site, after: Aftermath | None) -> bool:
        """Whether an object that was there before *site* is read by the statements of *after*."""
        return after is not None and any(self._is_read(site, n) for s in after.statements for n in walk(s))

    def _expires(self, site: Site) -> bool:
        if site.kind == "io":
            return site.name in METHODS
        return site.kind == "call" and any(t in self._left for t in site.targets)

    def _is_savepoint(self, site: Site) -> bool:
        """Whether *site* is a savepoint whose rollback may expire what its function was given."""
        return site.kind == "io" and site.name == "begin_nested" and expires_given(self._graph, site)

    @cached_property
    def _giving(self) -> frozenset[FunctionFacts]:
        """The functions that may give an object back which a savepoint has expired, and those that may give one of theirs."""
        pending = [
            function
            for function, sites in self._graph.sites.items()
            if any(s.kind == "io" and s.name == "begin_nested" and gives_expired(self._graph, s) for s in sites)
        ]
        found = set(pending)
        while pending:
            for site in self._graph.callers.get(pending.pop(), ()):
                nodes = walk(site.function.node) if site.function not in found else ()
                if any(
                    isinstance(n, ast.Return) and not isinstance(n.value, (ast.Constant, type(None))) for n in nodes
                ):
                    found.add(site.function)
                    pending.append(site.function)
        return frozenset(found)

    @cached_property
    def _left(self) -> dict[FunctionFacts, Left]:
        """How the functions may end that have expired objects."""
        found: dict[FunctionFacts, Left] = {}
        calls = [s for sites in self._graph.sites.values() for s in sites if s.kind == "io"]
        pending = [s for s in calls if s.name in METHODS or self._is_savepoint(s)]
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
        yield from self._given_by(site.function, self._returned_before(site))
        if not isinstance(statement, ast.Return):
            return
        if statement.value is not site.node:
            yield from self._given_by(site.function, [statement])
        elif site.kind == "io":
            yield "nothing"
        else:
            yield from (end for t in site.targets if t in left and (end := left[t].end) is not None)

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
        at_end = self._is_savepoint(site) or any(map(is_generator, site.targets))
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

    def _behind(self, site: Site) -> list[ast.AST]:
        """All nodes that may be evaluated behind *site*; those that have it in them stand for themselves."""
        if site not in self._nodes:
            afters = (self._next(site, self._left), self._caught(site, self._left))
            found = [node for after in afters if after is not None for s in after.statements for node in walk(s)]
            if afters[0] is not None:
                found += self._beside(site)
            self._nodes[site] = found
        return self._nodes[site]

    def _returned_before(self, site: Site) -> Iterator[ast.Return]:
        """The ``return`` that give an object and run a ``finally`` with *site* before the function ends."""
        for each in returned_before(site.function, site.node):
            if each.value is not None and self._may_be_mapped(site.function, each.value):
                yield each

    def _beside(self, site: Site) -> list[ast.AST]:
        """What is evaluated behind *site* in its own statement, or in the head of it, and what has *site* in it."""
        parents = site.function.module.source.parents
        found = [inner for each in beside(parents, site.node) for inner in walk(each)]
        at: ast.AST | None = site.node
        while at is not None and not isinstance(at, ast.stmt):
            at = parents.get(at)
            found += [at] if at is not None else []
        return found

    def _given_by(self, function: FunctionFacts, statements: Iterable[ast.AST]) -> Iterator[End]:
        """What the ``return`` in *statements* give."""
        for node in (n for statement in statements for n in walk(statement)):
            if isinstance(node, ast.Return):
                match node.value:
                    case None | ast.Constant(value=None):
                        yield "nothing"
                    case ast.Constant(value=False | 0 | ""):
                        yield "false"
                    case ast.Call() as call if self._is_new(function, call):
                        yield "asked"
                    case _:
                        yield "anything"

    def _is_new(self, function: FunctionFacts, call: ast.Call) -> bool:
        """Whether what *call* gives was asked for where it stands: it is given no objects that it could give back."""
        given_to = [*call.args, *(k.value for k in call.keywords)]
        return not any(self._may_be_mapped(function, each) for each in given_to)

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

    def _is_read(self, site: Site, node: ast.AST) -> bool:
        """Whether *node* reads an object that was there before *site*."""
        function = site.function
        match node:
            case ast.Attribute(value=base, ctx=ast.Load()) | ast.AugAssign(target=ast.Attribute(value=base)):
                used = [base]
            case ast.Return(value=ast.expr() as value):
                used = [value]
            case ast.Call(args=arguments, keywords=keywords):
                used = [*arguments, *(k.value for k in keywords)]
            case ast.For(iter=items) | ast.comprehension(iter=items):
                used = [items]
            case _:
                return False
        return any(
            each is not site.node and self._may_be_mapped(function, each) and not self._is_made_later(site, each)
            for each in used
        )

    def _may_be_mapped(self, function: FunctionFacts, node: ast.expr) -> bool:
        value = self._graph.value(function, node)
        if is_mapped_value(self._graph, value):
            return True
        if not is_unknown(value):
            return False
        return self._is_item(function, node) or any(
            may_give_objects(self._graph, f) for f in self._asked(function, node)
        )

    def _is_item(self, function: FunctionFacts, node: ast.expr) -> bool:
        """Whether *node* is an item of what a function asks the database for that is said to give some dictionary: ``page(db)["items"]``."""
        match node:
            case ast.Subscript(value=base):
                said = (getattr(f.node, "returns", None) for f in self._asked(function, base))
                return any(s is None or last_name(s) in _CONTAINERS for s in said)
            case ast.Name():
                ways = given(function, function.module.source.parents, node)
                return any(isinstance(w.node, ast.Subscript) and self._is_item(function, w.node) for w in ways)
        return False

    def _asked(self, function: FunctionFacts, node: ast.expr) -> Iterator[FunctionFacts]:
        """The functions of the program that ask the database for what *node* is, or is one of."""
        match node:
            case ast.Name():
                for way in given(function, function.module.source.parents, node):
                    if way.kind in ("value", "item") and isinstance(way.node, ast.Call):
                        yield from self._asked(function, way.node)
            case ast.Call(func=callee):
                target = self._graph.knowledge.calls.get(callee)
                if target is not None and target in self._graph.talking:
                    yield target

    def _is_made_later(self, site: Site, node: ast.expr) -> bool:
        """Whether all that the name *node* holds was asked for behind *site*, or is what a guarded call gives."""
        function = site.function
        source = function.module.source
        if isinstance(node, ast.Call):
            return self._is_new(function, node)
        if not isinstance(node, ast.Name) or loop_around(function, site.node) is not None:
            return False
        ways = given(function, source.parents, node)
        return bool(ways) and all(
            w.kind in ("value", "item")
            and w.node is not None
            and not isinstance(w.node, ast.Name)
            and (
                source.start(w.node) > source.end(site.node)
                or (
                    w.node is site.node
                    and all(self._left[t].end != "anything" for t in site.targets if t in self._left)
                )
            )
            for w in ways
        )


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
