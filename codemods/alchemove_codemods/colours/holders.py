"""Where sessions are held, and how they get from one holder to the next: parameters, variables, attributes, results.

A holder keeps either the AsyncSession of a request or a sync session, never both. From an AsyncSession a sync one can be
had (``sync_session``), the other way round not; the decision about colours builds on these two sentences.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from alchemove_codemods.analysis.arguments import Argument, bind
from alchemove_codemods.analysis.injecting import injecting
from alchemove_codemods.colours.graph import Graph
from alchemove_codemods.colours.lazy import getter
from alchemove_codemods.colours.loads.scopes import own_nodes
from alchemove_codemods.colours.records import assigned, constructed
from alchemove_codemods.colours.roots import Injection, default_of
from alchemove_codemods.facts import ClassFacts, FunctionFacts, local_names
from alchemove_codemods.values import NOTHING, Class, Instance, Session, Value, parts

Where = Literal["parameter", "variable", "attribute", "result", "global", "made"]


@dataclass(frozen=True, slots=True)
class Holder:
    """A place that holds a session: ``owner`` is the function, class or module it belongs to, or the call that makes it."""

    where: Where
    owner: object
    name: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Edge:
    """A session goes from ``source`` to ``target`` by the expression ``node`` in ``function``.

    ``call`` is the call that hands it over, None for assignments and returns.
    """

    source: Holder
    target: Holder
    node: ast.expr
    function: FunctionFacts
    call: ast.Call | None = None


class Holders:
    """All holders of *graph*'s program and the edges between them."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._knowledge = graph.knowledge
        self._of: dict[tuple[FunctionFacts, ast.expr], list[Holder]] = {}
        self.edges: list[Edge] = []
        self.into: dict[Holder, list[Edge]] = {}
        self.out: dict[Holder, list[Edge]] = {}
        for module in list(self._knowledge.program.loaded()):
            for function in [module.body, *module.functions.values()]:
                if self._concerns(function):
                    for edge in self._edges_of(function):
                        self._add(edge)

    def _add(self, edge: Edge) -> None:
        self.edges.append(edge)
        self.into.setdefault(edge.target, []).append(edge)
        self.out.setdefault(edge.source, []).append(edge)

    def give(self, injection: Injection) -> None:
        """Have *injection* hand over what its dependency gives: a session that this is injected itself."""
        result = Holder("result", injection.provider)
        self._add(Edge(result, self.injected(injection), injection.call, injection.function))

    def _concerns(self, function: FunctionFacts) -> bool:
        """Whether *function* has a session, or calls what is given one: something else, a mock, may be passed there."""
        if self._graph.sessions(function):
            return True
        return any(self._graph.takes_session(t) for s in self._graph.sites.get(function, ()) for t in s.targets)

    def reached(self, holders: Iterable[Holder]) -> set[Holder]:
        """*holders*, and where the sessions in them get from there, by whatever way."""
        found = set(holders)
        pending = list(found)
        while pending:
            for edge in self.out.get(pending.pop(), ()):
                if edge.target not in found:
                    found.add(edge.target)
                    pending.append(edge.target)
        return found

    def of(self, function: FunctionFacts, node: ast.expr) -> list[Holder]:
        """The holders that the expression *node* of *function* may be."""
        # Asked again in every round of the decision; what was interpreted does not change any more.
        found = self._of.get((function, node))
        if found is None:
            found = self._of[function, node] = self._expressed(function, node)
        return found

    def _expressed(self, function: FunctionFacts, node: ast.expr) -> list[Holder]:
        match node:
            case ast.Name(id=name):
                return [self._named(function, name)]
            case ast.Attribute(value=base, attr=name):
                found = [
                    holder
                    for part in parts(self._graph.value(function, base))
                    if isinstance(part, Instance) and not isinstance(part.cls, str)
                    for holder in self._of_object(part.cls, name)
                ]
                return found or [Holder("made", node)]
            case ast.Call(func=callee):
                target = self._knowledge.calls.get(callee)
                if target is not None and target.name != "__init__":
                    return [Holder("result", member) for member in self._graph.overriding(target)]
            case ast.IfExp(body=first, orelse=second):
                return [*self.of(function, first), *self.of(function, second)]
            case ast.BoolOp(values=values):
                return [h for v in values if self._graph.is_session(function, v) for h in self.of(function, v)]
            case ast.NamedExpr(value=value) | ast.Await(value=value):
                return self.of(function, value)
        return [Holder("made", node)]

    def _named(self, function: FunctionFacts, name: str) -> Holder:
        scope: FunctionFacts | None = function
        while scope is not None and not isinstance(scope.node, ast.Module):
            if any(p.arg == name for p in scope.parameters):
                return Holder("parameter", scope, name)
            if name in local_names(scope.node):
                return Holder("variable", scope, name)
            scope = scope.outer
        origin = self._knowledge.program.origin(function.module, name)
        return Holder("global", origin or function.module.path, name)

    def _of_object(self, cls: ClassFacts, name: str) -> list[Holder]:
        """What the attribute *name* of an object of *cls* is: an attribute, or what a property gives."""
        if (method := getter(self._knowledge, cls, name)) is not None:
            return [Holder("result", member) for member in self._graph.overriding(method)]
        return [self.attribute(cls, name)]

    def attribute(self, cls: ClassFacts, name: str) -> Holder:
        """The attribute *name* of the objects of *cls* and of its relatives."""
        return Holder("attribute", self._knowledge.models.family(cls).first, name)

    def injected(self, injection: Injection) -> Holder:
        """What holds what *injection* gives: a parameter, an attribute of a class-based view."""
        if injection.owner is not None:
            return self.attribute(injection.owner, injection.parameter.arg)
        return Holder("parameter", injection.function, injection.parameter.arg)

    def _edges_of(self, function: FunctionFacts) -> Iterator[Edge]:
        for node in own_nodes(function):
            match node:
                case ast.Assign(targets=targets, value=value):
                    for target in targets:
                        yield from self._stored(function, target, value)
                case ast.AnnAssign(target=target, value=ast.expr() as value):
                    yield from self._stored(function, target, value)
                case ast.NamedExpr(target=target, value=value):
                    yield from self._stored(function, target, value)
                case ast.With(items=items) | ast.AsyncWith(items=items):
                    for item in items:
                        if item.optional_vars is not None:
                            yield from self._stored(function, item.optional_vars, item.context_expr)
                case ast.Return(value=ast.expr() as value) | ast.Yield(value=ast.expr() as value):
                    if self._graph.is_session(function, value):
                        for source in self.of(function, value):
                            yield Edge(source, Holder("result", function), value, function)
                case ast.Call():
                    yield from self._passed(function, node)

    def _stored(self, function: FunctionFacts, target: ast.expr, value: ast.expr) -> Iterator[Edge]:
        if isinstance(target, (ast.Name, ast.Attribute)) and self._graph.is_session(function, value):
            for source in self.of(function, value):
                for held in self.of(function, target):
                    if held != source:
                        yield Edge(source, held, value, function)

    def _passed(self, function: FunctionFacts, node: ast.Call) -> Iterator[Edge]:
        target = self._knowledge.calls.get(node.func)
        if target is None:
            yield from self._assigned(function, node)
            return
        bound = self.bound(function, node, target)
        for name, argument in (bound or {}).items():
            if self._graph.is_session(function, argument.node):
                for member in self._graph.overriding(target):
                    for source in self.of(function, argument.node):
                        yield Edge(source, Holder("parameter", member, name), argument.node, function, node)
        for member in self._graph.overriding(target):
            for parameter in member.parameters:
                if self._graph.is_session(member, parameter) and not self._known(function, member, parameter, bound):
                    # What is passed here was not recognised: it may be any session.
                    yield Edge(Holder("made", node), Holder("parameter", member, parameter.arg), node, function, node)

    def _assigned(self, function: FunctionFacts, node: ast.Call) -> Iterator[Edge]:
        """What a dataclass of the program is made of."""
        models = self._knowledge.models
        cls = constructed(models, self._graph.value(function, node.func))
        for name, argument in assigned(models, cls, node) if cls is not None else ():
            if cls is not None and self._graph.is_session(function, argument):
                for source in self.of(function, argument):
                    yield Edge(source, self.attribute(cls, name), argument, function, node)

    def bound(self, function: FunctionFacts, node: ast.Call, target: FunctionFacts) -> dict[str, Argument] | None:
        """Which parameter of *target* the call *node* in *function* gives what; None if that cannot be told."""
        given = [*((None, a) for a in node.args), *((k.arg, k.value) for k in node.keywords)]
        arguments = [
            Argument(
                a.value if isinstance(a, ast.Starred) else a,
                self._graph.value(function, a),
                name,
                isinstance(a, ast.Starred) or (name is None and a not in node.args),
            )
            for name, a in given
        ]
        return bind(target, self._receiver(function, node, target), arguments)

    def _known(
        self, function: FunctionFacts, member: FunctionFacts, parameter: ast.arg, bound: Mapping[str, Argument] | None
    ) -> bool:
        """Whether what a call passes as *parameter* is a session that was recognised, or none."""
        if bound is None:
            return False
        argument = bound.get(parameter.arg)
        if argument is None:
            default = default_of(member, parameter)
            return default is None or isinstance(default, ast.Constant) or injecting(default) is not None
        value = self._graph.value(function, argument.node)
        return all(isinstance(v, Session) or v == NOTHING for v in parts(value)) and not argument.starred

    def _receiver(self, function: FunctionFacts, node: ast.Call, target: FunctionFacts) -> Value | None:
        if target.owner is None:
            return None
        if target.name == "__init__":
            # ``Base.__init__(self, db)`` names the object itself.
            match node.func:
                case ast.Attribute(value=base, attr="__init__") if isinstance(self._graph.value(function, base), Class):
                    return None
            return Instance(target.owner)
        if isinstance(node.func, ast.Attribute):
            value = self._graph.value(function, node.func.value)
            known = [p for p in parts(value) if not isinstance(p, Instance)]
            return known[0] if len(known) == 1 and len(list(parts(value))) == 1 else Instance(target.owner)
        return Instance(target.owner)
