"""Where an object comes from: the statements that loaded it, and the way from what they select to the object."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from alchemove_codemods.colours.graph import Graph
from alchemove_codemods.colours.loads.loading import Loading, Lost, Stretch
from alchemove_codemods.colours.loads.refreshes import Refreshes
from alchemove_codemods.colours.loads.scopes import given, own_nodes
from alchemove_codemods.colours.loads.statements import (
    Came,
    Statements,
    arguments,
    entered,
    one_class,
)
from alchemove_codemods.colours.loads.together import Together
from alchemove_codemods.colours.loads.typed import mapped_class
from alchemove_codemods.facts import FunctionFacts, last_name
from alchemove_codemods.values import Class, Instance, Query, Session, parts

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours

Mode = Literal["one", "many", "row", "rows"]
_LONGEST = 4
_MOST = 2000
"""How many expressions one search looks at: real ones need up to a hundred, those that go round in recursive functions never end."""
_SAME = frozenset({"all", "fetchall", "unique"})
_SINGLE = frozenset({"one", "one_or_none", "scalar_one", "scalar_one_or_none"})
_FIRST = frozenset({"first", "fetchone", "one", "one_or_none"})
_SCALAR = frozenset({"scalar", "scalar_one", "scalar_one_or_none"})
_KEEPING = frozenset({"list", "tuple", "sorted", "set", "reversed", "iter"})
_PICKING = frozenset({"next", "max", "min"})


@dataclass(frozen=True, slots=True)
class _At:
    """Where the search stands: what is done with the value (``use``), in which function."""

    function: FunctionFacts
    use: ast.AST
    mode: Mode = "one"
    index: int | str = 0
    way: tuple[str, ...] = ()
    stretches: tuple[Stretch, ...] = ()
    single: bool = False
    own: FunctionFacts | None = None
    came: Came | None = None

    def up_to(self, after: ast.AST | None) -> tuple[Stretch, ...]:
        return (*self.stretches, Stretch(self.function, after, self.use))


@dataclass(eq=False)
class Origins:
    """Answers for one program."""

    colours: Colours
    together: Together
    _open: set[object] = field(default_factory=set[object])
    _looked_at: int = 0

    @property
    def graph(self) -> Graph:
        """The call graph."""
        return self.colours.graph

    @cached_property
    def refreshes(self) -> Refreshes:
        """Where objects can be refreshed."""
        return Refreshes(self.colours)

    def of(
        self,
        function: FunctionFacts,
        node: ast.expr,
        use: ast.AST,
        *,
        many: bool = False,
        came: Came | None = None,
        stretches: tuple[Stretch, ...] = (),
    ) -> list[Loading]:
        """The places that load the object (or the objects, if *many*) that *node* of *function* is.

        Args:
            function: the function.
            node: the expression.
            use: where it is read.
            many: whether it is a collection.
            came: how the search came into the function.
            stretches: what runs between there and the reading.

        Raises:
            Lost: one of them is not known.
        """
        mode: Mode = "many" if many else "one"
        found = self._searched(node, _At(function, use, mode, stretches=stretches, came=came))
        if not found:
            # It goes round in circles, or is None wherever it comes from.
            raise Lost("unknown-origin", function, node)
        return found

    def ways(self, method: FunctionFacts, node: ast.expr) -> list[tuple[str, ...]]:
        """The ways from ``self`` of *method* to the object that *node* is.

        Raises:
            Lost: it comes from somewhere else.
        """
        return [loading.way for loading in self._searched(node, _At(method, node, own=method))]

    def _searched(self, node: ast.expr, at: _At) -> list[Loading]:
        before, self._looked_at = self._looked_at, 0
        try:
            return list(self._of(node, at))
        finally:
            self._looked_at = before

    def _of(self, node: ast.expr, at: _At) -> Iterator[Loading]:
        key = (node, at.mode, at.index, at.way, at.came)
        if key in self._open:
            return
        self._looked_at += 1
        if len(at.way) > _LONGEST or self._looked_at > _MOST:
            raise Lost("unknown-origin", at.function, node)
        self._open.add(key)
        try:
            yield from self._expression(node, at)
        finally:
            self._open.discard(key)

    def _expression(self, node: ast.expr, at: _At) -> Iterator[Loading]:
        if at.mode in ("many", "rows") and self._is_query(at.function, node):
            yield from self._statement(node, node, at)
            return
        match node:
            case ast.Constant(value=None):
                return
            case ast.Name():
                yield from self._name(node, at)
            case ast.Await(value=value) | ast.NamedExpr(value=value):
                yield from self._of(value, at)
            case ast.IfExp(body=first, orelse=second):
                yield from self._of(first, at)
                yield from self._of(second, at)
            case ast.BoolOp(values=values):
                for value in values:
                    yield from self._of(value, at)
            case ast.List(elts=elts) | ast.Tuple(elts=elts) | ast.Set(elts=elts) if at.mode == "many":
                for element in elts:
                    yield from self._of(element, replace(at, mode="one"))
            case ast.BinOp(left=left, op=ast.Add(), right=right) if at.mode == "many":
                yield from self._of(left, at)
                yield from self._of(right, at)
            case ast.ListComp(elt=element) | ast.GeneratorExp(elt=element) | ast.SetComp(elt=element) if (
                at.mode == "many"
            ):
                yield from self._of(element, replace(at, mode="one"))
            case ast.Subscript(value=value, slice=place):
                yield from self._subscript(value, place, at)
            case ast.Attribute():
                yield from self._attribute(node, at)
            case ast.Call():
                yield from self._call(node, at)
            case _:
                raise Lost("unknown-origin", at.function, node)

    def _name(self, node: ast.Name, at: _At) -> Iterator[Loading]:
        refreshed = list(self._refreshed(node, at)) if at.mode == "one" and not at.way else []
        try:
            loadings = list(self._named(node, at))
        except Lost:
            # Wherever it comes from, it is in the database there.
            made = [r for r in refreshed if r.refresh is not None and self.refreshes.is_persistent(r.refresh)]
            if not made:
                raise
            yield replace(made[0], again=tuple(made[1:]))
            return
        for loading in loadings:
            yield replace(loading, again=(*loading.again, *refreshed)) if refreshed else loading

    def _refreshed(self, node: ast.Name, at: _At) -> Iterator[Loading]:
        """The places at which the object *node* can be refreshed before it is read."""
        typed = mapped_class(self.colours, at.function, node)
        if typed is None:
            return
        cls, optional = typed
        found = self.refreshes.before(at.function, node, at.use)
        for each in [r for r in found if not optional or self.refreshes.is_there(r)]:
            stretches = at.up_to(each.call)
            yield Loading(at.function, each.call, node, at.function, cls, (), stretches, single=True, refresh=each)

    def _named(self, node: ast.Name, at: _At) -> Iterator[Loading]:
        found = given(at.function, at.function.module.source.parents, node)
        if not found:
            raise Lost("unknown-origin", at.function, node)
        for each in found:
            if each.kind == "parameter":
                yield from self._parameter(node, at)
                continue
            if each.node is None:
                raise Lost("unknown-origin", at.function, node)
            if each.kind == "value" and each.index is None:
                yield from self._of(each.node, at)
            elif each.kind == "value" and at.mode == "one":
                yield from self._of(each.node, replace(at, mode="row", index=each.index or 0))
            elif each.index is None and at.mode in ("one", "row"):
                yield from self._of(each.node, replace(at, mode="many" if at.mode == "one" else "rows"))
            elif at.mode == "one":
                yield from self._of(each.node, replace(at, mode="rows", index=each.index or 0))
            else:
                raise Lost("unknown-origin", at.function, node)

    def _subscript(self, value: ast.expr, place: ast.expr, at: _At) -> Iterator[Loading]:
        if isinstance(place, ast.Slice):
            yield from self._of(value, at)
        elif at.mode == "row":
            yield from self._of(value, replace(at, mode="rows"))
        elif at.mode == "one":
            try:
                found = list(self._of(value, replace(at, mode="many")))
            except Lost:
                if not isinstance(place, ast.Constant) or not isinstance(place.value, int):
                    raise
                found = list(self._of(value, replace(at, mode="row", index=place.value)))
            yield from found
        else:
            raise Lost("unknown-origin", at.function, value)

    def _attribute(self, node: ast.Attribute, at: _At) -> Iterator[Loading]:
        models = self.colours.knowledge.models
        for part in parts(self.graph.value(at.function, node.value)):
            if isinstance(part, Instance) and not isinstance(part.cls, str) and models.is_mapped(part.cls):
                mapped = models.attribute(part.cls, node.attr)
                if mapped is None or mapped.kind != "relationship":
                    raise Lost("unknown-origin", at.function, node)
                if mapped.collection != (at.mode == "many"):
                    raise Lost("unknown-origin", at.function, node)
                yield from self._of(node.value, replace(at, mode="one", way=(node.attr, *at.way)))
                return
        if at.mode != "one":
            raise Lost("unknown-origin", at.function, node)
        yield from self._of(node.value, replace(at, mode="row", index=node.attr))

    def _call(self, node: ast.Call, at: _At) -> Iterator[Loading]:
        target = self.colours.knowledge.calls.get(node.func)
        if target is not None and target.name != "__init__":
            yield from self._returned(target, node, at)
            return
        if any(isinstance(v, Class) for v in parts(self.graph.value(at.function, node.func))):
            raise Lost("new-object", at.function, node)
        match node.func:
            case ast.Attribute(value=base, attr=name) if self._is_session(at.function, base):
                yield from self._session(node, name, at)
            case ast.Attribute(value=base, attr=name):
                yield from self._result(node, base, name, at)
            case ast.Name(id=name) if node.args and name in _KEEPING and at.mode in ("many", "rows"):
                yield from self._of(node.args[0], at)
            case ast.Name(id=name) if len(node.args) == 1 and name in _PICKING and at.mode == "one":
                yield from self._of(node.args[0], replace(at, mode="many"))
            case _ if last_name(node.func) == "cast" and len(node.args) == 2:
                yield from self._of(node.args[1], at)
            case _:
                raise Lost("unknown-origin", at.function, node)

    def _is_query(self, function: FunctionFacts, node: ast.expr) -> bool:
        return any(isinstance(v, Query) for v in parts(self.graph.value(function, node)))

    def _is_session(self, function: FunctionFacts, node: ast.expr) -> bool:
        """Whether *node* is a session: one that is asynchronous already loads in the same way."""
        return any(isinstance(v, Session) for v in parts(self.graph.value(function, node)))

    def _session(self, node: ast.Call, name: str, at: _At) -> Iterator[Loading]:
        if not node.args or any(isinstance(a, ast.Starred) for a in node.args):
            raise Lost("unknown-origin", at.function, node)
        match name, at.mode:
            case "run_sync", _ if isinstance(node.args[0], ast.Lambda):
                yield from self._of(node.args[0].body, at)
            case (("get" | "get_one"), "one"):
                cls = one_class(self.colours, at.function, node.args[0])
                given = node.args[0]
                yield Loading(at.function, node, given, at.function, cls, at.way, at.up_to(node), single=True)
            case "scalar", "one":
                yield from self._statement(node, node.args[0], replace(at, index=0))
            case (("scalars" | "exec"), "many"):
                yield from self._statement(node, node.args[0], replace(at, index=0))
            case (("execute" | "exec"), "rows"):
                yield from self._statement(node, node.args[0], at)
            case _:
                raise Lost("unknown-origin", at.function, node)

    def _statement(self, run: ast.expr, node: ast.expr, at: _At) -> Iterator[Loading]:
        """What the statement *node* loads, which is run at *run*."""
        statements = Statements(self.colours).of(at.function, node, at.came)
        if not statements:
            raise Lost("statement-form", at.function, node)
        for statement in statements:
            entity = statement.entity(at.index)
            if entity is None:
                raise Lost("statement-form", at.function, node)
            cls = statement.target or one_class(self.colours, statement.function, entity)
            yield Loading(
                statement.placed, statement.place, entity, statement.function, cls,
                at.way, at.up_to(run), at.single, statement, came=at.came,
            )  # fmt: skip

    def _result(self, node: ast.Call, base: ast.expr, name: str, at: _At) -> Iterator[Loading]:
        single = at.single or name in _SINGLE
        if name in _SAME and at.mode in ("many", "rows"):
            yield from self._of(base, at)
        elif name == "scalars" and at.mode == "many":
            yield from self._of(base, replace(at, mode="rows", index=0))
        elif name in _FIRST and at.mode in ("one", "row"):
            yield from self._of(base, replace(at, mode="many" if at.mode == "one" else "rows", single=single))
        elif name in _SCALAR and at.mode == "one":
            yield from self._of(base, replace(at, mode="rows", index=0, single=single))
        else:
            raise Lost("unknown-origin", at.function, node)

    def _returned(self, target: FunctionFacts, node: ast.AST, at: _At) -> Iterator[Loading]:
        """What calling *target* by *node* gives."""
        stretches = at.up_to(node)
        reached = self.colours.graph.methods_at(at.function, node.func) if isinstance(node, ast.Call) else None
        for member in self.graph.overriding(target) if reached is None else reached:
            results = [n for n in own_nodes(member) if isinstance(n, (ast.Return, ast.Yield, ast.YieldFrom))]
            if not results:
                continue
            for result in results:
                if isinstance(result, ast.YieldFrom):
                    raise Lost("unknown-origin", member, result)
                if result.value is None:
                    continue
                came = entered(at.came, member, node, at.function)
                inner = replace(at, function=member, use=result.value, stretches=stretches, came=came)
                if isinstance(result, ast.Yield) and not isinstance(node, ast.arg):
                    if at.mode != "many":
                        raise Lost("unknown-origin", member, result)
                    inner = replace(inner, mode="one")
                yield from self._of(result.value, inner)

    def _parameter(self, node: ast.Name, at: _At) -> Iterator[Loading]:
        function = at.function
        if function is at.own and function.parameters and function.parameters[0].arg == node.id:
            empty = ast.Call(ast.Name("self", ast.Load()), [], [])
            yield Loading(function, empty, node, function, None, at.way, (), single=True)
            return
        for injection in self.colours.roots.injections.get(function, ()):
            if injection.parameter.arg == node.id and injection.owner is None:
                if injection.provider is None:
                    raise Lost("unknown-origin", function, node)
                # The dependencies beside it may run after it.
                others = self.together.beside(function, injection.provider)
                beside = tuple(Stretch(f, None, f.node) for f in others)
                inside = replace(at, stretches=(*at.stretches, *beside))
                yield from self._returned(injection.provider, injection.parameter, inside)
                return
        try:
            passing = list(arguments(self.colours, function, node.id, at.came))
        except LookupError:
            raise Lost("unknown-origin", function, node) from None
        stretches = at.up_to(None)
        for caller, use, argument, came in passing:
            if isinstance(argument, str):
                if argument == "default":
                    continue
                raise Lost("unknown-origin", function, node)
            outer = replace(at, function=caller, use=use, stretches=stretches, came=came)
            yield from self._of(argument, outer)
