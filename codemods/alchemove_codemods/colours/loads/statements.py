"""The statements that a session runs, with everything that is called on them, and which options they have.

A legacy ``Query`` is a statement like a ``select()``: it takes the same options.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from alchemove_codemods.colours.loads.passing import passed
from alchemove_codemods.colours.loads.scopes import given, own_nodes
from alchemove_codemods.facts import ClassFacts, FunctionFacts, last_name
from alchemove_codemods.values import Class, External, Instance, Module, Query, parts

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

_UNITING = frozenset({"union", "union_all", "intersect", "intersect_all", "except_", "except_all"})


@dataclass(frozen=True, slots=True)
class Came:
    """How a search came into the function ``member``: by the call ``node`` of ``function``, and to that by ``before``."""

    member: FunctionFacts
    node: ast.AST
    function: FunctionFacts
    before: Came | None = None

    def has(self, member: FunctionFacts, node: ast.AST) -> bool:
        """Whether the same call has been gone through already: a function that calls itself."""
        at: Came | None = self
        while at is not None:
            if at.member is member and at.node is node:
                return True
            at = at.before
        return False


def entered(came: Came | None, member: FunctionFacts, node: ast.AST, function: FunctionFacts) -> Came | None:
    """What *came* is inside *member*, which the call *node* of *function* runs."""
    return None if came is not None and came.has(member, node) else Came(member, node, function, came)


def arguments(
    colours: Colours, function: FunctionFacts, name: str, came: Came | None
) -> Iterator[tuple[FunctionFacts, ast.AST, ast.expr | Literal["default", "unknown"], Came | None]]:
    """What *function* is given as its parameter *name*: by the call that the search *came* through, else by all of them."""
    if came is not None and came.member is function and isinstance(came.node, (ast.Call, ast.Attribute)):
        yield came.function, came.node, passed(function, name, came.node), came.before
        return
    callers = colours.graph.callers.get(function, ())
    if not callers or not colours.uses.closed(function):
        raise LookupError
    for site in callers:
        yield site.function, site.node, passed(function, name, site.node), None


def dynamic(colours: Colours, function: FunctionFacts, node: ast.Attribute) -> ClassFacts | None:
    """The class of the objects in *node*, if that is a dynamic relationship: a Query."""
    models = colours.knowledge.models
    for part in parts(colours.graph.value(function, node.value)):
        mapped = (
            models.attribute(part.cls, node.attr)
            if isinstance(part, Instance) and isinstance(part.cls, ClassFacts)
            else None
        )
        return mapped.target if mapped is not None and mapped.lazy == "dynamic" else None
    return None


Step = tuple[str, ast.Call, FunctionFacts, Came | None]


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """A statement that begins with ``root``: ``select(...)``, or ``session.query(...)``, or a ``union`` of those (``legacy``).

    It selects the ``elements``, which stand in ``function``; a dynamic relationship selects its ``target``. ``steps`` are the calls of its methods, wherever they stand,
    by name. ``place``, in the function ``placed``, is the expression to which options can be added: as near as possible
    to where it is run, but of no other statement.
    """

    function: FunctionFacts
    root: ast.expr
    elements: tuple[ast.expr, ...]
    placed: FunctionFacts
    place: ast.expr
    steps: tuple[Step, ...]
    legacy: bool = False
    united: bool = False
    target: ClassFacts | None = None

    def entity(self, index: int | str) -> ast.expr | None:
        """The expression that is selected at the place *index* of a row, or under that name."""
        if self.target is not None:
            return self.root if index == 0 else None
        if any(isinstance(a, ast.Starred) for a in self.elements):
            return None
        if isinstance(index, int):
            return self.elements[index] if -len(self.elements) <= index < len(self.elements) else None
        named = [a for a in self.elements if last_name(a) == index]
        return named[0] if len(named) == 1 else None


@dataclass(frozen=True, slots=True, eq=False)
class _At:
    """Where the search stands: in which function, what has been called since, and the ends of chains that it came by."""

    function: FunctionFacts
    came: Came | None = None
    steps: tuple[Step, ...] = ()
    ends: tuple[tuple[FunctionFacts, ast.expr], ...] = ()
    chained: bool = False


_Found = tuple[Statement, tuple[tuple[FunctionFacts, ast.expr], ...]]


@dataclass(slots=True)
class Statements:
    """Follows statements to where they begin."""

    colours: Colours
    _open: set[object] = field(default_factory=set[object])

    def of(self, function: FunctionFacts, node: ast.expr, came: Came | None = None) -> list[Statement]:
        """The statements that *node* of *function* may be, if the search *came* there; empty if one is not known."""
        try:
            found = list(self._of(node, _At(function, came)))
        except LookupError:
            return []
        return [self._placed(each, ends) for each, ends in found]

    def _placed(self, statement: Statement, ends: tuple[tuple[FunctionFacts, ast.expr], ...]) -> Statement:
        """*statement* with the first of the *ends* at which it is no other one."""
        for function, end in ends[:-1]:
            try:
                roots = {each.root for each, _ in Statements(self.colours)._of(end, _At(function))}
            except LookupError:
                continue
            if roots == {statement.root}:
                return replace(statement, placed=function, place=end)
        return statement

    def _of(self, node: ast.expr, at: _At) -> Iterator[_Found]:
        key = (node, at.came)
        if key in self._open:
            return
        self._open.add(key)
        try:
            yield from self._expression(node, at)
        finally:
            self._open.discard(key)

    def _expression(self, node: ast.expr, at: _At) -> Iterator[_Found]:
        function = at.function
        if isinstance(node, ast.Call) and not at.chained:
            at = replace(at, ends=(*at.ends, (function, node)))
        inner = replace(at, chained=False)
        match node:
            case ast.Call(func=callee) if callee in self.colours.knowledge.calls:
                for member in self.colours.graph.methods_at(function, callee):
                    results = [n for n in own_nodes(member) if isinstance(n, (ast.Return, ast.Yield))]
                    within = replace(inner, function=member, came=entered(at.came, member, node, function))
                    for result in results:
                        if result.value is None:
                            raise LookupError
                        yield from self._of(result.value, within)
            case ast.Call(func=ast.Attribute(value=base, attr="query")) if self.colours.graph.is_session(
                function, base
            ):
                top = self._top(function, node)
                yield Statement(function, node, tuple(node.args), function, top, at.steps, legacy=True), at.ends
            case ast.Call(func=ast.Attribute(value=base, attr=name)) if name in _UNITING and self._is_query(
                function, base
            ):
                yield from self._united(node, base, at)
            case ast.Call(func=ast.Attribute(value=base, attr=name)) if not self._is_namespace(function, base):
                yield from self._of(base, replace(at, steps=((name, node, function, at.came), *at.steps), chained=True))
            case ast.Call(func=callee) if self._names(function, callee, "select"):
                top = self._top(function, node)
                selected = tuple(self._without_mapper(function, argument) for argument in node.args)
                yield Statement(function, node, selected, function, top, at.steps), at.ends
            case ast.Attribute() if (target := dynamic(self.colours, function, node)) is not None:
                top = self._top(function, node)
                ends = at.ends if at.chained else (*at.ends, (function, node))
                yield Statement(function, node, (node,), function, top, at.steps, legacy=True, target=target), ends
            case ast.Name():
                yield from self._name(node, inner)
            case ast.IfExp(body=first, orelse=second):
                yield from self._of(first, inner)
                yield from self._of(second, inner)
            case _:
                raise LookupError

    def _united(self, node: ast.Call, base: ast.expr, at: _At) -> Iterator[_Found]:
        """``query.union(other)`` selects what *base* selects, and keeps its options."""
        for first, _ in self._of(base, replace(at, steps=(), ends=(), chained=True)):
            top = self._top(at.function, node)
            steps = (*first.steps, *at.steps)
            yield replace(first, root=node, placed=at.function, place=top, steps=steps, united=True), at.ends

    def _name(self, node: ast.Name, at: _At) -> Iterator[_Found]:
        function = at.function
        found = given(function, function.module.source.parents, node)
        if not found:
            raise LookupError
        rebuilt: tuple[Step, ...] = ()
        begins: list[ast.expr] = []
        for each in found:
            match each.kind, each.node:
                case "parameter", _:
                    continue
                case "value", ast.expr() as value if each.index is None:
                    base, calls = _chain(value)
                    if isinstance(base, ast.Name) and base.id == node.id:
                        rebuilt = (*rebuilt, *((n, c, function, at.came) for n, c in calls))
                    else:
                        begins.append(value)
                case _:
                    raise LookupError
        for value in begins:
            yield from self._of(value, replace(at, steps=(*rebuilt, *at.steps)))
        if any(each.kind == "parameter" for each in found):
            for caller, _, argument, came in arguments(self.colours, function, node.id, at.came):
                if not isinstance(argument, ast.expr):
                    raise LookupError  # noqa: TRY004
                yield from self._of(argument, replace(at, function=caller, came=came, steps=(*rebuilt, *at.steps)))

    def _is_query(self, function: FunctionFacts, node: ast.expr) -> bool:
        return any(isinstance(v, Query) for v in parts(self.colours.graph.value(function, node)))

    def _is_namespace(self, function: FunctionFacts, node: ast.expr) -> bool:
        value = self.colours.graph.value(function, node)
        return all(isinstance(v, (External, Module)) for v in parts(value))

    def _names(self, function: FunctionFacts, callee: ast.expr, name: str) -> bool:
        value = self.colours.graph.value(function, callee)
        return all(
            isinstance(v, External) and v.last == name and v.top in ("sqlalchemy", "sqlmodel") for v in parts(value)
        )

    def _without_mapper(self, function: FunctionFacts, node: ast.expr) -> ast.expr:
        """The class of ``class_mapper(User)``, which selects the same; anything else as it is."""
        match node:
            case ast.Call(func=callee, args=[cls]) if self._names(function, callee, "class_mapper"):
                return cls
        return node

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
