"""Results that come in portions from a server-side cursor: `AsyncSession.execute` refuses them.

https://docs.sqlalchemy.org/en/20/orm/queryguide/api.html#fetching-large-result-sets-with-yield-per
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from alchemove_codemods.colours.consumers import exhausted
from alchemove_codemods.colours.graph import Graph, Site
from alchemove_codemods.facts import FunctionFacts
from alchemove_codemods.trees import walk

_OPTIONS = frozenset({"yield_per", "stream_results"})
_ENDING = frozenset(
    {
        *("all", "first", "one", "one_or_none", "scalar", "scalar_one", "scalar_one_or_none"),
        *("fetchall", "fetchone", "fetchmany"),
    }
)


class Streaming:
    """Which statements have the option, on their way through variables, parameters and functions of the program."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        program = graph.knowledge.program
        self._anywhere = bool(program.mentioning(*(option.encode() for option in _OPTIONS)))

    def matters(self, site: Site) -> bool:
        """Whether the statement that *site* runs may have the option."""
        if not self._anywhere or not isinstance(site.node, ast.Call):
            return False
        given = [*site.node.args, *(k.value for k in site.node.keywords)]
        seen: set[ast.AST] = set()
        return any(self._mentions(site.function, argument, seen) for argument in given)

    def _mentions(self, function: FunctionFacts, node: ast.AST, seen: set[ast.AST]) -> bool:
        if node in seen:
            return False
        seen.add(node)
        for inner in walk(node):
            match inner:
                case ast.keyword(arg=str(name)) | ast.Constant(value=str(name)) if name in _OPTIONS:
                    return True
                case ast.Name(id=name):
                    if any(self._mentions(f, n, seen) for f, n in self._origins(function, name)):
                        return True
                case ast.Call(func=callee):
                    called = self._graph.knowledge.calls.get(callee)
                    if called is not None and self._mentions(called, called.node, seen):
                        return True
        return False

    def _origins(self, function: FunctionFacts, name: str) -> Iterator[tuple[FunctionFacts, ast.AST]]:
        """What the variable *name* of *function* is made of."""
        found = False
        for node in walk(function.node):
            match node:
                case ast.Assign(targets=targets, value=value) if any(
                    isinstance(t, ast.Name) and t.id == name for target in targets for t in walk(target)
                ):
                    found = True
                    yield function, value
                case (
                    ast.AnnAssign(target=ast.Name(id=target), value=ast.expr() as value)
                    | ast.AugAssign(target=ast.Name(id=target), value=value)
                    | ast.NamedExpr(target=ast.Name(id=target), value=value)
                ) if target == name:
                    found = True
                    yield function, value
        if any(parameter.arg == name for parameter in function.parameters):
            for site in self._graph.callers.get(function, ()):
                yield site.function, site.node
        elif not found:
            for binding in function.module.bindings.get(name, ()):
                if isinstance(binding.node, ast.expr):
                    yield function.module.body, binding.node


def gone_through(parents: Mapping[ast.AST, ast.AST], call: ast.Call) -> ast.expr | None:
    """The expression around *call*, which gives a Result, in which all of the Result is read; None if there is none."""
    if isinstance(call.func, ast.Attribute) and call.func.attr == "scalar":
        return call
    top: ast.expr = call
    while isinstance(method := parents.get(top), ast.Attribute) and isinstance(made := parents.get(method), ast.Call):
        top = made
        if method.attr in _ENDING:
            return top
    return exhausted(parents, top)
