"""The ``select()`` statements that a session runs, with everything that is called on them, and which options they have."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from alchemove_codemods.colours.loads.passing import passed
from alchemove_codemods.colours.loads.scopes import given, own_nodes
from alchemove_codemods.facts import ClassFacts, FunctionFacts, last_name
from alchemove_codemods.values import Class, External, Module, parts

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours

UNCHANGED = frozenset({"where", "filter", "filter_by", "join", "outerjoin", "join_from", "outerjoin_from", "options"})
"""Methods after which a many-to-one can be joined to the statement without another effect."""

ORDERING = frozenset({"order_by"})
SELECTIN = frozenset(
    {
        *("limit", "offset", "slice", "distinct", "group_by", "having", "with_for_update", "select_from", "fetch"),
        *("correlate", "params", "prefix_with", "suffix_with"),
    }
)
"""Methods after which objects are loaded as before, so that what belongs to them can be loaded beside."""


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """A statement that begins with the ``select(...)`` ``root`` in ``function``.

    ``steps`` are the calls of its methods, wherever they stand, by name; ``top`` is the end of the chain that *root* stands in.
    """

    function: FunctionFacts
    root: ast.Call
    top: ast.expr
    steps: tuple[tuple[str, ast.Call, FunctionFacts], ...]

    def entity(self, index: int | str) -> ast.expr | None:
        """The expression that is selected at the place *index* of a row, or under that name."""
        if any(isinstance(a, ast.Starred) for a in self.root.args):
            return None
        if isinstance(index, int):
            return self.root.args[index] if -len(self.root.args) <= index < len(self.root.args) else None
        named = [a for a in self.root.args if last_name(a) == index]
        return named[0] if len(named) == 1 else None


@dataclass(slots=True)
class Statements:
    """Follows statements to where they begin."""

    colours: Colours
    _open: set[ast.AST] = field(default_factory=set[ast.AST])

    def of(self, function: FunctionFacts, node: ast.expr) -> list[Statement]:
        """The statements that *node* of *function* may be; empty if one of them is not known."""
        try:
            return list(self._of(function, node, ()))
        except LookupError:
            return []

    def _of(
        self, function: FunctionFacts, node: ast.expr, steps: tuple[tuple[str, ast.Call, FunctionFacts], ...]
    ) -> Iterator[Statement]:
        if node in self._open:
            return
        self._open.add(node)
        try:
            yield from self._expression(function, node, steps)
        finally:
            self._open.discard(node)

    def _expression(
        self, function: FunctionFacts, node: ast.expr, steps: tuple[tuple[str, ast.Call, FunctionFacts], ...]
    ) -> Iterator[Statement]:
        match node:
            case ast.Call(func=callee) if callee in self.colours.knowledge.calls:
                for member in self.colours.graph.overriding(self.colours.knowledge.calls[callee]):
                    results = [n for n in own_nodes(member) if isinstance(n, (ast.Return, ast.Yield))]
                    for result in results:
                        if result.value is None:
                            raise LookupError
                        yield from self._of(member, result.value, steps)
            case ast.Call(func=ast.Attribute(value=base, attr=name)) if not self._is_namespace(function, base):
                yield from self._of(function, base, ((name, node, function), *steps))
            case ast.Call(func=callee) if self._selects(function, callee):
                top = self._top(function, node)
                yield Statement(function, node, top, steps)
            case ast.Name():
                yield from self._name(function, node, steps)
            case ast.IfExp(body=first, orelse=second):
                yield from self._of(function, first, steps)
                yield from self._of(function, second, steps)
            case _:
                raise LookupError

    def _name(
        self, function: FunctionFacts, node: ast.Name, steps: tuple[tuple[str, ast.Call, FunctionFacts], ...]
    ) -> Iterator[Statement]:
        found = given(function, function.module.source.parents, node)
        if not found:
            raise LookupError
        rebuilt: tuple[tuple[str, ast.Call, FunctionFacts], ...] = ()
        begins: list[ast.expr] = []
        for each in found:
            match each.kind, each.node:
                case "parameter", _:
                    continue
                case "value", ast.expr() as value if each.index is None:
                    base, calls = _chain(value)
                    if isinstance(base, ast.Name) and base.id == node.id:
                        rebuilt = (*rebuilt, *((n, c, function) for n, c in calls))
                    else:
                        begins.append(value)
                case _:
                    raise LookupError
        for value in begins:
            yield from self._of(function, value, (*rebuilt, *steps))
        if any(each.kind == "parameter" for each in found):
            callers = self.colours.graph.callers.get(function, ())
            if not callers or not self.colours.uses.closed(function):
                raise LookupError
            for site in callers:
                argument = passed(function, node.id, site.node)
                if not isinstance(argument, ast.expr):
                    raise LookupError  # noqa: TRY004
                yield from self._of(site.function, argument, (*rebuilt, *steps))

    def _is_namespace(self, function: FunctionFacts, node: ast.expr) -> bool:
        value = self.colours.graph.value(function, node)
        return all(isinstance(v, (External, Module)) for v in parts(value))

    def _selects(self, function: FunctionFacts, callee: ast.expr) -> bool:
        value = self.colours.graph.value(function, callee)
        return all(
            isinstance(v, External) and v.last == "select" and v.top in ("sqlalchemy", "sqlmodel") for v in parts(value)
        )

    def _top(self, function: FunctionFacts, node: ast.expr) -> ast.expr:
        parents = function.module.source.parents
        while True:
            method = parents.get(node)
            call = parents.get(method) if method is not None else None
            if not (
                isinstance(method, ast.Attribute)
                and isinstance(call, ast.Call)
                and call.func is method
                and method.attr in UNCHANGED | ORDERING | SELECTIN | {"execution_options"}
            ):
                return node
            node = call


def _chain(node: ast.expr) -> tuple[ast.expr, list[tuple[str, ast.Call]]]:
    """What a chain of calls begins with, and the calls from there on."""
    calls: list[tuple[str, ast.Call]] = []
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        calls.insert(0, (node.func.attr, node))
        node = node.func.value
    return node, calls


def one_class(colours: Colours, function: FunctionFacts, node: ast.expr) -> ClassFacts | None:
    """The mapped class that *node* is, None if it may be several."""
    values = list(parts(colours.graph.value(function, node)))
    match values:
        case [Class(facts=facts, some=some)] if not some or not colours.knowledge.models.subclasses(facts):
            return facts if colours.knowledge.models.is_mapped(facts) else None
    return None
