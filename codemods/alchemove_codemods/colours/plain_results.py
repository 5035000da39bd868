"""Expressions that hold no mapped object, for sure: numbers, texts, columns, and dictionaries and lists of them.

return {"id": user.id, "posts": len(user.posts), "tags": [tag.name for tag in tags], "error": str(error)}
"""

from __future__ import annotations

import ast
from typing import Final

from alchemove_codemods.colours.graph import Graph
from alchemove_codemods.colours.kinds import Kinds, annotated
from alchemove_codemods.colours.loads.scopes import given
from alchemove_codemods.colours.readers import Readers
from alchemove_codemods.facts import FunctionFacts, local_names

_TOGETHER: Final = frozenset({"sum", "min", "max", "abs", "round", "sorted", "list", "set", "any", "all"})
"""Builtins that give a value made of their arguments and nothing else."""
_TEXTS: Final = frozenset({"isoformat", "strftime", "hexdigest"})
_DEEPEST: Final = 8


class PlainResults:
    """Answers for one program."""

    def __init__(self, graph: Graph, readers: Readers) -> None:
        self._graph = graph
        self._readers = readers
        self._kinds = Kinds(graph)

    def is_plain(self, function: FunctionFacts, node: ast.expr, depth: int = 0) -> bool:
        """Whether *node* of *function* holds no mapped object."""
        if depth > _DEEPEST:
            return False
        match node:
            case ast.Constant() | ast.JoinedStr() | ast.Compare() | ast.UnaryOp(op=ast.Not()):
                return True
            case ast.Dict(keys=keys, values=values):
                return all(k is not None and self.is_plain(function, v, depth + 1) for k, v in zip(keys, values))
            case ast.List(elts=several) | ast.Tuple(elts=several) | ast.Set(elts=several) | ast.BoolOp(values=several):
                return all(self.is_plain(function, each, depth + 1) for each in several)
            case ast.IfExp(body=one, orelse=other) | ast.BinOp(left=one, right=other):
                return self.is_plain(function, one, depth + 1) and self.is_plain(function, other, depth + 1)
            case ast.ListComp(elt=each) | ast.SetComp(elt=each) | ast.DictComp(value=each):
                return self.is_plain(function, each, depth + 1)
            case ast.Attribute(value=base) if self._is_column(function, node) or self._is_column(function, base):
                # Also what the value of a column has: ``user.role.value``.
                return True
            case ast.Call(func=ast.Attribute(attr=method), args=arguments) if method in _TEXTS:
                return True
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if self._is_builtin(function, name):
                return all(self._is_made_of_plain(function, a, depth) for a in arguments)
            case ast.Call() if self._kinds.of(function, node):
                return True
            case ast.Name() if self._is_a_number_or_text(function, node, depth):
                return True
        return self._readers.is_plain(self._graph.value(function, node))

    def _is_made_of_plain(self, function: FunctionFacts, node: ast.expr, depth: int) -> bool:
        each = node.elt if isinstance(node, ast.GeneratorExp) else node
        return self.is_plain(function, each, depth + 1)

    def _is_builtin(self, function: FunctionFacts, name: str) -> bool:
        bound = name in function.module.bindings or name in local_names(function.node)
        return name in _TOGETHER and not bound

    def _is_column(self, function: FunctionFacts, node: ast.expr) -> bool:
        if not isinstance(node, ast.Attribute):
            return False
        models = self._graph.knowledge.models
        columns = [models.attribute(cls, node.attr) for cls in self._graph.mapped(function, node.value)]
        return bool(columns) and all(c is not None and c.kind == "column" for c in columns)

    def _is_a_number_or_text(self, function: FunctionFacts, node: ast.Name, depth: int) -> bool:
        """Whether everything that the variable *node* may hold is one: nothing is put into it later."""
        ways = given(function, function.module.source.parents, node)
        return bool(ways) and all(
            bool(annotated(next((p.annotation for p in function.parameters if p.arg == node.id), None)))
            if way.kind == "parameter"
            else way.kind == "value"
            and way.index is None
            and isinstance(way.node, (ast.Constant, ast.JoinedStr, ast.Call, ast.BinOp, ast.Attribute, ast.IfExp))
            and not (isinstance(way.node, ast.Call) and not self._kinds.of(function, way.node))
            and self.is_plain(function, way.node, depth + 1)
            for way in ways
        )
