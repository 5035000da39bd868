"""Calls behind which the objects of a session are expired: of functions that roll back, or expire them, and go on.

    def saved(db):                                     user = db.get(User, 1)
        try:                                           if not saved(db):
            db.commit()                                    log(user.name)      # loads the object again
        except IntegrityError:
            db.rollback()
            return False
        return True

What raises behind its rollback expires what is read where that is caught, here or in a caller.
"""

from __future__ import annotations

import ast
from functools import cached_property

from alchemove_codemods.colours.aftermath import Aftermath
from alchemove_codemods.colours.endings import Endings
from alchemove_codemods.colours.following import beside
from alchemove_codemods.colours.graph import Graph
from alchemove_codemods.colours.loads.scopes import given, loop_around
from alchemove_codemods.colours.possible_objects import is_new, may_be_object
from alchemove_codemods.colours.savepoints import gives_expired, is_read_behind_savepoint
from alchemove_codemods.colours.site import Site
from alchemove_codemods.colours.unknown_reads import may_be_read
from alchemove_codemods.facts import FunctionFacts
from alchemove_codemods.trees import walk


class Expiring:
    """Answers for one program."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._endings = Endings(graph)
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
        raising = self._is_read_where(site, self._endings.caught(site))
        giving = not raising or self._is_read_where(site, self._endings.next(site))
        pending, seen = [(site, giving, raising)], {site}
        while pending:
            here, giving, raising = pending.pop()
            if here.kind == "io" and here.name == "rollback":
                found.add(here)
                continue
            if here.kind != "call" or any(t in self._giving or t in self._endings.unclear for t in here.targets):
                return None
            for inner in self._endings.inside(here):
                left = self._endings.left(inner)
                if inner not in seen and ((giving and left.end is not None) or (raising and left.thrown)):
                    seen.add(inner)
                    pending.append((inner, True, True))
        return frozenset(found)

    def is_left_behind(self, site: Site) -> bool:
        """Whether its function may go on, or end, behind *site* with expired objects."""
        return self._endings.is_savepoint(site) or (
            self._endings.expires(site) and self._endings.left(site).end is not None
        )

    def may_be_read_behind(self, site: Site) -> bool:
        """Whether an object that *site* has expired may be read afterwards through something that is not known."""
        return self._endings.expires(site) and may_be_read(self._graph, site, self._behind(site))

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
        return self._endings.expires(site) and (
            any(self._is_read(site, node) for node in self._behind(site)) or any(self._endings.returned_before(site))
        )

    def _is_read_where(self, site: Site, after: Aftermath | None) -> bool:
        """Whether an object that was there before *site* is read by the statements of *after*."""
        return after is not None and any(self._is_read(site, n) for s in after.statements for n in walk(s))

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

    def _behind(self, site: Site) -> list[ast.AST]:
        """All nodes that may be evaluated behind *site*; those that have it in them stand for themselves."""
        if site not in self._nodes:
            afters = (self._endings.next(site), self._endings.caught(site))
            found = [node for after in afters if after is not None for s in after.statements for node in walk(s)]
            if afters[0] is not None:
                found += self._beside(site)
            self._nodes[site] = found
        return self._nodes[site]

    def _beside(self, site: Site) -> list[ast.AST]:
        """What is evaluated behind *site* in its own statement, or in the head of it, and what has *site* in it."""
        parents = site.function.module.source.parents
        found = [inner for each in beside(parents, site.node) for inner in walk(each)]
        at: ast.AST | None = site.node
        while at is not None and not isinstance(at, ast.stmt):
            at = parents.get(at)
            found += [at] if at is not None else []
        return found

    def _is_read(self, site: Site, node: ast.AST) -> bool:
        """Whether *node* reads an object that was there before *site*."""
        function = site.function
        match node:
            case ast.Attribute(value=base, ctx=ast.Load()) | ast.AugAssign(target=ast.Attribute(value=base)):
                used = [base]
            case (
                ast.Return(value=ast.expr() as value)
                | ast.Yield(value=ast.expr() as value)
                | ast.YieldFrom(value=value)
            ):
                used = [value]
            case ast.Call(args=arguments, keywords=keywords):
                used = [*arguments, *(k.value for k in keywords)]
            case ast.For(iter=items) | ast.comprehension(iter=items):
                used = [items]
            case _:
                return False
        return any(
            each is not site.node and may_be_object(self._graph, function, each) and not self._is_made_later(site, each)
            for each in used
        )

    def _is_made_later(self, site: Site, node: ast.expr) -> bool:
        """Whether all that the name *node* holds was asked for behind *site*, or is what a guarded call gives."""
        function = site.function
        source = function.module.source
        if isinstance(node, ast.Call):
            return is_new(self._graph, function, node)
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
                    and all(self._endings.of[t].end != "anything" for t in site.targets if t in self._endings.of)
                )
            )
            for w in ways
        )
