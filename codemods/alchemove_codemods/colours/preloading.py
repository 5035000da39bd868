"""Whether what a response reads stays loaded once it was read: relationships and columns do, properties that run statements do not."""

from __future__ import annotations

import ast
from dataclasses import replace
from functools import cached_property

from alchemove_codemods.colours.graph import Graph
from alchemove_codemods.colours.handlers import Handlers
from alchemove_codemods.colours.readers import Readers
from alchemove_codemods.colours.responses import Response
from alchemove_codemods.facts import FunctionFacts
from alchemove_codemods.trees import walk

_RUNNING = frozenset({"io", "query", "handed", "opened"})
_UNKEPT = frozenset({"dynamic", "write_only"})


class Preloading:
    """Answers for one program."""

    def __init__(self, graph: Graph, readers: Readers) -> None:
        self._graph = graph
        self._readers = readers
        self._handlers = Handlers(graph)

    def repeated(self, function: FunctionFacts, response: Response, node: ast.expr) -> Response:
        """How *node*, which *function* returns, is read in the form of *response* inside of it, before FastAPI does that again."""
        if response.repeatable and not self._graph.callers.get(function) and not self._handlers.see(function, node):
            return response
        return replace(response, preloaded=True, repeatable=self.lasts(function, response.node))

    def lasts(self, function: FunctionFacts, node: ast.expr) -> bool:
        """Whether what the response model *node* of *function* reads needs no statement when it is read a second time."""
        fields = {
            name
            for cls in self._readers.named(function.module, node)
            for ancestor in self._graph.knowledge.models.ancestors(cls)
            for name in ancestor.members
        }
        return fields.isdisjoint(self._statements)

    @cached_property
    def _statements(self) -> frozenset[str]:
        """The names of properties, and of dynamic relationships, that run a statement each time they are read."""
        found: set[str] = set()
        for module in self._graph.knowledge.program.loaded():
            for function in module.functions.values():
                if function.owner is not None and function.is_property and self._runs(function):
                    found.add(function.name)
            found |= {
                target.id
                for cls in module.classes.values()
                for statement in cls.node.body
                if isinstance(statement, (ast.Assign, ast.AnnAssign)) and _is_unkept(statement)
                for target in (statement.targets if isinstance(statement, ast.Assign) else [statement.target])
                if isinstance(target, ast.Name)
            }
        return frozenset(found)

    def _runs(self, function: FunctionFacts) -> bool:
        reached = self._graph.reached([function])
        return any(s.kind in _RUNNING for f in reached for s in self._graph.sites.get(f, ()))


def _is_unkept(statement: ast.stmt) -> bool:
    """Whether *statement* declares a relationship whose rows are not kept with the object."""
    return any(isinstance(n, ast.Constant) and n.value in _UNKEPT for n in walk(statement))
