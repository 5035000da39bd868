"""Rows that are changed in a session of their own, while another session holds objects of them.

    db.commit()
    record_login(user.id)      # opens a session, changes the row, and commits
    return user.logins

The commit has expired ``user``, so a sync session reads afterwards what the other one has written. An AsyncSession keeps what it had. Before a commit of its
own, a sync session keeps it, too.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import cached_property

from alchemove_codemods.colours.generators import is_generator
from alchemove_codemods.colours.graph import Graph
from alchemove_codemods.colours.loads.scopes import own_nodes
from alchemove_codemods.colours.site import Site
from alchemove_codemods.facts import ClassFacts, FunctionFacts, last_name
from alchemove_codemods.trees import walk
from alchemove_codemods.values import Class, Instance, parts

_CHANGING = frozenset({"delete", "setattr", "update"})


class OtherSessions:
    """Answers for one program."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    def changed_while(self, function: FunctionFacts) -> frozenset[ClassFacts]:
        """The classes whose objects other sessions change while *function* runs."""
        return self._by_function.get(function, frozenset())

    def runs(self, site: Site) -> Iterator[Site]:
        """*site*, and the calls that lead to it from where its session is opened or handed in."""
        pending, seen = [site], {site.function}
        while pending:
            at = pending.pop()
            yield at
            if self._opens(at.function):
                continue
            fresh = [s for s in self._graph.callers.get(at.function, ()) if s.function not in seen]
            seen.update(s.function for s in fresh)
            pending += fresh

    @cached_property
    def _by_function(self) -> dict[FunctionFacts, frozenset[ClassFacts]]:
        found: dict[FunctionFacts, frozenset[ClassFacts]] = {}

        def add(function: FunctionFacts, classes: frozenset[ClassFacts]) -> None:
            found[function] = found.get(function, frozenset()) | classes

        for function in self._graph.sites:
            if is_generator(function) or not self._opens(function):
                continue
            for node in self._inner(function):
                add(function, self._changed(function, walk(node)))
            classes = frozenset[ClassFacts]().union(
                *(self._changed(f, own_nodes(f)) for f in self._graph.run_by([function]))
            )
            if classes:
                for caller in self._above(function):
                    add(caller, classes)
        return {function: classes for function, classes in found.items() if classes}

    def _opens(self, function: FunctionFacts) -> bool:
        return any(s.kind == "opened" for s in self._graph.sites.get(function, ()))

    def _inner(self, function: FunctionFacts) -> Iterator[ast.With]:
        """The blocks of a session in *function* that stand in the block of another one."""
        parents = function.module.source.parents
        items = [parents.get(s.node) for s in self._graph.sites.get(function, ()) if s.kind == "opened"]
        blocks = {b for b in (parents.get(i) for i in items if i is not None) if isinstance(b, ast.With)}
        yield from (b for b in blocks if any(b is not other and b in walk(other) for other in blocks))

    def _above(self, function: FunctionFacts) -> set[FunctionFacts]:
        """All that may call *function*."""
        found: set[FunctionFacts] = set()
        pending = [function]
        while pending:
            fresh = {s.function for s in self._graph.callers.get(pending.pop(), ())} - found
            found |= fresh
            pending += fresh
        return found

    def _changed(self, function: FunctionFacts, nodes: Iterable[ast.AST]) -> frozenset[ClassFacts]:
        """The mapped classes whose objects are changed or deleted among *nodes* of *function*."""
        found: set[ClassFacts] = set()
        for node in nodes:
            match node:
                case ast.Attribute(value=base, ctx=ast.Store() | ast.Del()):
                    found.update(self._classes(function, base))
                case ast.Call(func=callee, args=[first, *_]) if last_name(callee) in _CHANGING:
                    found.update(self._classes(function, first))
        models = self._graph.knowledge.models
        return frozenset(c for cls in found for c in (cls, *models.ancestors(cls), *models.subclasses(cls)))

    def _classes(self, function: FunctionFacts, node: ast.expr) -> Iterator[ClassFacts]:
        for value in parts(self._graph.value(function, node)):
            cls = value.cls if isinstance(value, Instance) else value.facts if isinstance(value, Class) else None
            if isinstance(cls, ClassFacts) and self._graph.knowledge.models.is_mapped(cls):
                yield cls
