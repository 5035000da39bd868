"""Results that come in portions from a server-side cursor: `AsyncSession.execute` refuses them.

https://docs.sqlalchemy.org/en/20/orm/queryguide/api.html#fetching-large-result-sets-with-yield-per
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from alchemove_codemods.colours.consumers import exhausted
from alchemove_codemods.colours.graph import Graph
from alchemove_codemods.colours.site import Site
from alchemove_codemods.facts import FunctionFacts
from alchemove_codemods.trees import walk

_OPTIONS = frozenset({"yield_per", "stream_results"})
_ENDING = frozenset(
    {
        *("all", "first", "one", "one_or_none", "scalar", "scalar_one", "scalar_one_or_none"),
        *("fetchall", "fetchone", "fetchmany"),
    }
)


_Part: TypeAlias = "tuple[FunctionFacts, ast.AST | str]"
"""An expression of a function, or a variable by its name."""


class Streaming:
    """Which statements have the option, on their way through variables, parameters and functions of the program.

    All statements of a program are made of the same parts: each is looked at once, and tells those that are made of it.
    """

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        program = graph.knowledge.program
        self._anywhere = bool(program.mentioning(*(option.encode() for option in _OPTIONS)))
        self._made_of_it: dict[_Part, list[_Part]] = {}
        self._with_option: set[_Part] = set()
        self._assigned: dict[FunctionFacts, dict[str, list[ast.expr]]] = {}

    def matters(self, site: Site) -> bool:
        """Whether the statement that *site* runs may have the option."""
        if not self._anywhere or not isinstance(site.node, ast.Call):
            return False
        given = [*site.node.args, *(k.value for k in site.node.keywords)]
        return any(self._mentions((site.function, argument)) for argument in given)

    def _mentions(self, part: _Part) -> bool:
        pending = [part] if part not in self._made_of_it else []
        while pending:
            at = pending.pop()
            for inner in self._parts(at):
                if inner is None or inner in self._with_option:
                    self._mark(at)
                if inner is not None:
                    if inner not in self._made_of_it:
                        pending.append(inner)
                    self._made_of_it.setdefault(inner, []).append(at)
            self._made_of_it.setdefault(at, [])
        return part in self._with_option

    def _mark(self, part: _Part) -> None:
        pending = [part]
        while pending:
            at = pending.pop()
            if at not in self._with_option:
                self._with_option.add(at)
                pending += self._made_of_it.get(at, ())

    def _parts(self, part: _Part) -> Iterator[_Part | None]:
        """What *part* is made of; None is the option itself."""
        function, node = part
        if isinstance(node, str):
            yield from self._origins(function, node)
            return
        for inner in walk(node):
            match inner:
                case ast.keyword(arg=str(name)) | ast.Constant(value=str(name)) if name in _OPTIONS:
                    yield None
                case ast.Name(id=name):
                    yield function, name
                case ast.Call(func=callee):
                    called = self._graph.knowledge.calls.get(callee)
                    if called is not None:
                        yield called, called.node

    def _origins(self, function: FunctionFacts, name: str) -> Iterator[_Part]:
        """What the variable *name* of *function* is made of."""
        if function not in self._assigned:
            self._assigned[function] = _assigned(function.node)
        values = self._assigned[function].get(name, [])
        yield from ((function, value) for value in values)
        if any(parameter.arg == name for parameter in function.parameters):
            yield from ((site.function, site.node) for site in self._graph.callers.get(function, ()))
        elif not values:
            for binding in function.module.bindings.get(name, ()):
                if isinstance(binding.node, ast.expr):
                    yield function.module.body, binding.node


def _assigned(function: ast.AST) -> dict[str, list[ast.expr]]:
    """What is assigned in *function*, by the name of the variable."""
    found: dict[str, list[ast.expr]] = {}
    for node in walk(function):
        match node:
            case ast.Assign(targets=targets, value=value):
                for name in dict.fromkeys(t.id for target in targets for t in walk(target) if isinstance(t, ast.Name)):
                    found.setdefault(name, []).append(value)
            case (
                ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
                | ast.AugAssign(target=ast.Name(id=name), value=value)
                | ast.NamedExpr(target=ast.Name(id=name), value=value)
            ):
                found.setdefault(name, []).append(value)
    return found


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
