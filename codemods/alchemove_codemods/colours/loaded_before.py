"""Relationships that an object has loaded before a commit, and still has behind it: ``order.items = items; db.commit(); print(order.id); return order``.

Where an object is shown as it is, a sync session shows the columns alone there, which reading ``order.id`` has loaded again.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable

from alchemove_codemods.colours.graph import Graph
from alchemove_codemods.colours.lazy import EAGER
from alchemove_codemods.colours.loads.passing import passed
from alchemove_codemods.colours.loads.scopes import own_nodes
from alchemove_codemods.facts import ClassFacts, FunctionFacts
from alchemove_codemods.trees import walk
from alchemove_codemods.values import Class, parts


class LoadedBefore:
    """Answers for one program."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    def may_be(self, function: FunctionFacts, node: ast.Name, end: int, beside: Collection[FunctionFacts]) -> bool:
        """Whether the object *node* may have loaded a relationship before *end*, a place in *function*, or in the functions *beside* it."""
        classes = self._graph.mapped(function, node)
        if any(self._is_eager(c) for c in classes):
            return True
        source = function.module.source
        before = [n for n in own_nodes(function) if isinstance(n, ast.expr) and source.start(n) < end]
        if any(self._loads(function, n, classes) for n in before) or self._is_given(function, node.id, before):
            return True
        called = self._graph.run_by([function, *beside]) - {function}
        return any(self._loads(f, n, classes) for f in called for n in walk(f.node))

    def _is_eager(self, cls: ClassFacts) -> bool:
        models = self._graph.knowledge.models
        return any(a.lazy in EAGER for c in models.ancestors(cls) for a in models.own(c).values())

    def _is_given(
        self,
        function: FunctionFacts,
        name: str,
        nodes: Iterable[ast.AST],
        seen: frozenset[FunctionFacts] = frozenset(),
    ) -> bool:
        """Whether one of *nodes* makes something of the object *name*, ``Item(order=order)``, which may give it that as well; or what is called does."""
        for node in nodes:
            if not isinstance(node, ast.Call):
                continue
            if node.func not in self._graph.knowledge.calls:
                if any(isinstance(k.value, ast.Name) and k.value.id == name for k in node.keywords):
                    return True
                continue
            for target in self._graph.methods_at(function, node.func):
                for parameter in target.parameters if target not in seen else ():
                    given = passed(target, parameter.arg, node)
                    is_it = isinstance(given, ast.Name) and given.id == name
                    if is_it and self._is_given(target, parameter.arg, own_nodes(target), seen | {function}):
                        return True
        return False

    def _loads(self, function: FunctionFacts, node: ast.AST, classes: list[ClassFacts]) -> bool:
        """Whether *node* reads, assigns or names a relationship of one of *classes*: of an object, a new one, or in a loader option."""
        match node:
            case ast.Attribute(value=base, attr=name):
                return any(self._is_relationship(c, name) for c in self._of(function, base, classes))
            case ast.Call(func=callee, keywords=keywords) if keywords:
                made = self._of(function, callee, classes)
                return any(k.arg and self._is_relationship(c, k.arg) for c in made for k in keywords)
        return False

    def _of(self, function: FunctionFacts, node: ast.expr, classes: list[ClassFacts]) -> list[ClassFacts]:
        """Those of *classes* that *node* is, or is an object of."""
        found = {v.facts for v in parts(self._graph.value(function, node)) if isinstance(v, Class)}
        found.update(self._graph.classes(function, node))
        return [c for c in classes if c in found]

    def _is_relationship(self, cls: ClassFacts, name: str) -> bool:
        found = self._graph.knowledge.models.attribute(cls, name)
        return found is not None and found.kind == "relationship"
