"""The commit that comes after an object was changed, and whether the object is read after it."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cached_property

from alchemove_codemods.colours.graph import Graph, Site
from alchemove_codemods.colours.rollbacks import following, is_mapped_value
from alchemove_codemods.facts import ClassFacts, FunctionFacts
from alchemove_codemods.trees import walk
from alchemove_codemods.values import NOTHING, Instance, parts

LETTING_GO = frozenset({"delete", "expunge", "expunge_all"})


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """``name.attr = value`` in ``function``, or ``name = Model(attr=value)``; the column of ``cls`` gives a ``column``.

    ``sole`` says that the object can be of no other class.
    """

    function: FunctionFacts
    statement: ast.stmt
    name: ast.Name
    attr: str
    value: ast.expr
    cls: ClassFacts
    kinds: frozenset[str]
    column: str
    sole: bool


class Rereads:
    """Answers for one program."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    @cached_property
    def committing(self) -> frozenset[FunctionFacts]:
        """The functions that may commit, themselves or by what they call."""
        graph = self._graph
        found = {f for f, sites in graph.sites.items() if any(s.kind == "io" and s.name == "commit" for s in sites)}
        pending = list(found)
        while pending:
            fresh = {s.function for s in graph.callers.get(pending.pop(), ())} - found
            found |= fresh
            pending += fresh
        return frozenset(found)

    def commit(self, change: Change) -> Site | None:
        """The first commit after *change*, in its block or those around it; or the call that makes one."""
        function, parents = change.function, change.function.module.source.parents
        sites = [s for s in self._graph.sites.get(function, ()) if self._commits(s)]
        if not sites:
            return None
        later = [n for s in following(parents, change.statement) for n in walk(s)]
        places = {n: at for at, n in reversed(list(enumerate(later)))}
        source = function.module.source
        after = [s for s in sites if s.node in places]
        behind = [s for s in after if source.start(s.node) > source.start(change.statement)]
        return min(behind or after, key=lambda s: source.start(s.node), default=None)

    def _commits(self, site: Site) -> bool:
        if site.kind == "io":
            return site.name == "commit"
        return site.kind == "call" and any(t in self.committing for t in site.targets)

    def is_read(self, change: Change, commit: Site) -> bool:
        """Whether an object of the class, or its attribute, is read after *commit*, there or where that was called from."""
        pending, seen = [commit], {commit.function}
        while pending:
            at = pending.pop()
            parents = at.function.module.source.parents
            statement = statement_of(at)
            if isinstance(statement, ast.Return) and at is commit:
                return True
            refreshed = at.kind == "call" and any(self._is_refreshing(t) for t in at.targets)
            for node in following(parents, at.node) if not refreshed else ():
                if self._is_refresh(at.function, node):
                    # From here on it is what the database has.
                    refreshed = True
                    break
                if self._reads(change, at.function, node):
                    return True
            if refreshed:
                continue
            fresh = [s for s in self._graph.callers.get(at.function, ()) if s.function not in seen]
            seen.update(s.function for s in fresh)
            pending += fresh
        return False

    def _reads(self, change: Change, function: FunctionFacts, node: ast.AST) -> bool:
        parents, models = function.module.source.parents, self._graph.knowledge.models
        for inner in walk(node):
            if not isinstance(inner, (ast.Name, ast.Attribute)) or not isinstance(inner.ctx, ast.Load):
                continue
            if not self._is_ours(change, function, inner):
                continue
            above = parents.get(inner)
            if isinstance(above, ast.Attribute):
                column = models.attribute(change.cls, above.attr)
                if not isinstance(above.ctx, ast.Load) or (
                    column is not None and column.kind in ("column", "relationship") and above.attr != change.attr
                ):
                    continue
            elif isinstance(above, ast.Call) and inner in above.args and self._is_known(function, above):
                continue
            return True
        return False

    def _is_ours(self, change: Change, function: FunctionFacts, node: ast.Name | ast.Attribute) -> bool:
        """Whether *node* may be the object that is changed, or hold it."""
        if function is change.function and isinstance(node, ast.Name) and node.id == change.name.id:
            return True
        models, value = self._graph.knowledge.models, self._graph.value(function, node)
        if not is_mapped_value(self._graph, value):
            return False
        ours = {change.cls, *models.subclasses(change.cls), *models.ancestors(change.cls)}
        return not all(isinstance(p, Instance) and p.cls not in ours for p in parts(value) if p != NOTHING)

    def _is_known(self, function: FunctionFacts, call: ast.Call) -> bool:
        """Whether *call* is one of the session that reads nothing of the object."""
        sites = self._graph.sites.get(function, ())
        return any(s.node is call and s.kind == "io" and s.name in ("refresh", *LETTING_GO) for s in sites)

    def _is_refresh(self, function: FunctionFacts, node: ast.AST) -> bool:
        """Whether *node* refreshes an object as a whole."""
        match node:
            case ast.Expr(value=ast.Call(func=ast.Attribute(attr="refresh"), args=[_], keywords=[]) as call):
                return self._is_known(function, call)
        return False

    def _is_refreshing(self, function: FunctionFacts) -> bool:
        """Whether *function* ends with a refresh of what it is given."""
        body = getattr(function.node, "body", [])
        last = [n for n in body[-2:] if self._is_refresh(function, n)] if isinstance(body, list) else []
        names = {p.arg for p in function.parameters}
        return any(isinstance(n, ast.Name) and n.id in names for s in last for n in walk(s.value.args[0]))


def statement_of(site: Site) -> ast.stmt | None:
    """The statement that *site* is all of, or in."""
    parents = site.function.module.source.parents
    at: ast.AST | None = site.node
    while at is not None and not isinstance(at, ast.stmt):
        at = parents.get(at)
    return at
