"""Calls behind which the objects of a session are expired: of functions that roll back, or expire them, and go on.

    def saved(db):                                     user = db.get(User, 1)
        try:                                           if not saved(db):
            db.commit()                                    log(user.name)      # loads the object again
        except IntegrityError:
            db.rollback()
            return False
        return True

What raises behind its rollback expires nothing that is read later. Where a function gives a constant behind it, and its caller asks for that and
leaves (``if user is None: raise HTTPException(404)``), what comes after is only run where nothing was rolled back.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Final, Literal

from alchemove_codemods.colours.following import following
from alchemove_codemods.colours.graph import Graph
from alchemove_codemods.colours.loads.scopes import given, loop_around
from alchemove_codemods.colours.mapped_values import is_mapped_value, is_unknown
from alchemove_codemods.colours.said import may_give_objects
from alchemove_codemods.colours.savepoints import expires_given, gives_expired, is_read_behind_savepoint
from alchemove_codemods.colours.site import Site
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


class Expiring:
    """Answers for one program."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._answers: dict[Site, bool] = {}

    def is_read_behind(self, site: Site) -> bool:
        """Whether *site* may leave expired objects behind, and one that was there before is read afterwards."""
        if site not in self._answers:
            self._answers[site] = self._is_read_behind(site)
        return self._answers[site]

    def rollbacks(self, site: Site) -> frozenset[Site] | None:
        """The rollbacks behind which *site* may leave expired objects; None if something else may have expired them."""
        found: set[Site] = set()
        pending, seen = [site], {site}
        while pending:
            here = pending.pop()
            if here.kind == "io" and here.name == "rollback":
                found.add(here)
                continue
            if here.kind != "call" or any(t in self._giving for t in here.targets):
                return None
            inner = [s for t in here.targets if t in self._ends for s in self._graph.sites.get(t, ())]
            fresh = [s for s in inner if s not in seen and self.is_left_behind(s)]
            seen.update(fresh)
            pending += fresh
        return frozenset(found)

    def is_left_behind(self, site: Site) -> bool:
        """Whether its function may go on, or end, behind *site* with expired objects."""
        savepoint = site.kind == "io" and site.name == "begin_nested" and expires_given(self._graph, site)
        return savepoint or (self._expires(site) and any(True for _ in self._endings(site, self._ends)))

    def may_be_read_behind(self, site: Site) -> bool:
        """Whether an object that *site* has expired may be read afterwards through something that is not known."""
        return self._expires(site) and may_be_read(self._graph, site, self._behind(site))

    def goes_on_to_yield(self, site: Site) -> bool:
        """Whether its function, a generator, may give something away behind *site*."""
        return any(isinstance(n, (ast.Yield, ast.YieldFrom)) for node in self._behind(site) for n in walk(node))

    def is_behind(self, site: Site, name: ast.Name) -> bool:
        """Whether *name* stands behind *site*, and may hold an object that was there before."""
        return any(name in walk(node) for node in self._behind(site)) and not self._is_made_later(site, name)

    def _is_read_behind(self, site: Site) -> bool:
        if site.kind == "io" and site.name == "begin_nested":
            return is_read_behind_savepoint(self._graph, site)
        if site.kind == "call" and any(t in self._giving for t in site.targets):
            return not isinstance(site.function.module.source.parents.get(site.node), ast.Expr)
        if not self._expires(site):
            return False
        return any(self._is_read(site, inner) for node in self._behind(site) for inner in walk(node))

    def _expires(self, site: Site) -> bool:
        if site.kind == "io":
            return site.name in METHODS
        return site.kind == "call" and any(t in self._ends for t in site.targets)

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
    def _ends(self) -> dict[FunctionFacts, End]:
        """How the functions may end that have expired objects and go on."""
        found: dict[FunctionFacts, End] = {}
        calls = [s for sites in self._graph.sites.values() for s in sites if s.kind == "io"]
        pending = [
            s for s in calls if s.name in METHODS or (s.name == "begin_nested" and expires_given(self._graph, s))
        ]
        while pending:
            site = pending.pop()
            for end in self._endings(site, found):
                before = found.get(site.function)
                if before is None or _ORDER.index(before) < _ORDER.index(end):
                    found[site.function] = end
                    pending += [s for s in self._graph.callers.get(site.function, ()) if s.kind == "call"]
        return found

    def _endings(self, site: Site, ends: dict[FunctionFacts, End]) -> Iterator[End]:
        """How the function of *site* may end where objects are expired there."""
        parents = site.function.module.source.parents
        block = self._guarded(site, ends)
        at: ast.AST = site.node
        if block is not None:
            # The rest is run where the call has given something else.
            at = block.body[-1]
            for inner in block.body:
                yield from self._given_by(site.function, inner)
            if isinstance(at, (ast.Raise, ast.Return)):
                return
        for statement in following(parents, at):
            yield from self._given_by(site.function, statement)
            if isinstance(statement, (ast.Raise, ast.Return)):
                return
        if isinstance(parents.get(site.node), ast.Return) and site.kind == "call":
            for target in site.targets:
                if target in ends:
                    yield ends[target]
        else:
            yield "nothing"

    def _given_by(self, function: FunctionFacts, statement: ast.AST) -> Iterator[End]:
        """What the ``return`` in *statement* give."""
        for node in walk(statement):
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

    def _guarded(self, site: Site, ends: dict[FunctionFacts, End]) -> ast.If | None:
        """The ``if`` that alone is run where the call *site* gives what it gives behind a rollback: it leaves."""
        known = {ends.get(t) for t in site.targets} - {None}
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

    def _behind(self, site: Site) -> Iterable[ast.AST]:
        parents = site.function.module.source.parents
        block = self._guarded(site, self._ends)
        if block is None:
            return following(parents, site.node)
        last = block.body[-1]
        loops = list(following(parents, last)) if isinstance(last, (ast.Continue, ast.Break)) else []
        return [*block.body, *loops]

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
        return any(self._may_be_mapped(function, each) and not self._is_made_later(site, each) for each in used)

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
                or (w.node is site.node and all(self._ends.get(t) != "anything" for t in site.targets))
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
