"""What tests put into ``app.dependency_overrides`` in place of the dependencies that hand out a session."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alchemove_codemods.analysis.places import function_around
from alchemove_codemods.colours.graph import Graph
from alchemove_codemods.colours.layer import Layer
from alchemove_codemods.colours.roots import Roots
from alchemove_codemods.facts import FunctionFacts, ModuleFacts, last_name
from alchemove_codemods.trees import children
from alchemove_codemods.values import Function, Instance, Value

if TYPE_CHECKING:
    from alchemove_codemods.analysis.knowledge import Knowledge


_HARMLESS = frozenset({"clear", "copy", "keys", "values", "items"})


@dataclass(frozen=True, slots=True, eq=False)
class Override:
    """One place where ``dependency_overrides`` is given, or loses, something for ``provider``.

    ``key`` is the expression for the provider and ``value`` what takes its place, None where the key is only named
    (``del``, ``pop``). ``statement`` is the statement that does nothing else, None for an entry of a dictionary. ``proved`` says that
    it hands out a sync session: anything else may be a mock, or an object of a class of the tests.
    """

    module: ModuleFacts
    provider: FunctionFacts
    key: ast.expr
    value: ast.expr | None
    statement: ast.stmt | None
    known: bool
    proved: bool = True


class Overrides:
    """The overrides of the program; *is_provider* tells what is known to hand out a session by its shape and factory."""

    def __init__(
        self,
        knowledge: Knowledge,
        roots: Roots,
        graph: Graph,
        layer: Layer | None,
        is_provider: Callable[[FunctionFacts], bool],
    ) -> None:
        self._knowledge = knowledge
        self._roots = roots
        self._graph = graph
        self._layer = layer
        self._is_provider = is_provider
        self.modern: str | None = None
        self._by_hand = False
        self.read: set[FunctionFacts] = set()
        self.found = list(self._all())

    def unknown(self, writable: frozenset[ModuleFacts] | None, *, standing_in: bool = True) -> frozenset[FunctionFacts]:
        """The providers that coroutines cannot have in tests: overridden in a way that has no counterpart.

        Args:
            writable: the files that may be changed, None for all.
            standing_in: whether an object that is no session can take the place of one after the stage.
        """
        if self._by_hand:
            return frozenset()
        return frozenset(
            o.provider
            for o in self.found
            if not (o.known and (o.proved or standing_in)) or (writable is not None and o.module not in writable)
        )

    def stand_in(self, provider: FunctionFacts | None) -> str | None:
        """Where a test may give something that is no session in the place of what *provider* hands out."""
        for override in self.found:
            if override.provider is provider and not override.proved:
                return f"{override.module.path}:{override.module.source.place(override.key)[0]}"
        return None

    def to_rewrite(self) -> list[Override]:
        """The overrides that need a counterpart; none where the tests override ``get_session`` themselves."""
        return [] if self.modern is not None else [o for o in self.found if o.known]

    def _all(self) -> Iterator[Override]:
        program = self._knowledge.program
        for path in program.mentioning(b"dependency_overrides"):
            module = program.module(path)
            for node in module.source.nodes if module is not None else ():
                assert module is not None
                match node:
                    case ast.Attribute(attr="dependency_overrides"):
                        yield from self._at(module, node)
                    case ast.Subscript(value=ast.Name(), slice=ast.Name() | ast.Attribute() as key) if (
                        # The dictionary under another name.
                        (provider := self._callable(module, key, function_around(module, key))) is not None
                        and self._is_provider(provider)
                    ):
                        yield from self._item(module, node)

    def _at(self, module: ModuleFacts, node: ast.Attribute) -> Iterator[Override]:
        """What the code around ``app.dependency_overrides``, *node*, does with it."""
        parents = module.source.parents
        around = parents.get(node)
        outer = parents.get(around) if around is not None else None
        match around, outer:
            case ast.Subscript(value=value), _ if value is node:
                yield from self._item(module, around)
            case ((ast.Assign() | ast.AugAssign()), _) if isinstance(around.value, ast.Dict):
                yield from self._entries(module, around.value)
            case ast.Attribute(attr="update"), ast.Call(args=[ast.Dict() as given], keywords=[]):
                yield from self._entries(module, given)
            case ast.Attribute(attr="get"), ast.Call(args=[key, *_]):
                self._reads(module, key)
            case ast.Attribute(attr="setdefault"), ast.Call(args=[key, given]):
                yield from self._override(module, key, given, parents.get(outer), known=_is_alone(parents.get(outer)))
            case ast.Call(func=ast.Attribute(attr="setitem"), args=[_, key, given]), _:
                yield from self._override(module, key, given, outer, known=_is_alone(outer))
            case ast.Call(func=ast.Attribute(attr="delitem"), args=[_, key]), _:
                yield from self._override(module, key, None, outer, known=_is_alone(outer))
            case ast.Call(func=ast.Attribute(attr="dict"), args=[_, ast.Dict() as given]), _:
                yield from self._entries(module, given)
            case ast.Attribute(attr="pop"), ast.Call(args=[key, *_]):
                statement = parents.get(outer) if outer is not None else None
                kept = isinstance(statement, ast.Assign)
                if kept:
                    # What was there is put back later: it has to stay what the tests gave.
                    self._reads(module, key)
                plain = kept or isinstance(statement, ast.Expr)
                yield from self._override(module, key, None, statement if plain else None, known=plain)
            case ((ast.Attribute() as method), ast.Call()) if method.attr not in _HARMLESS:
                yield from self._named_in(module, outer)
            case ast.Call(), _:
                yield from self._named_in(module, around)

    def _item(self, module: ModuleFacts, item: ast.Subscript) -> Iterator[Override]:
        """``app.dependency_overrides[key]``: given something, deleted or read."""
        outer = module.source.parents.get(item)
        match outer:
            case ast.Assign(targets=[target], value=given) if target is item:
                yield from self._override(module, item.slice, given, outer)
            case ast.Delete(targets=[_]):
                yield from self._override(module, item.slice, None, outer)
            case _ if isinstance(item.ctx, ast.Load):
                self._reads(module, item.slice)
            case _:
                yield from self._override(module, item.slice, None, None, known=False)

    def _reads(self, module: ModuleFacts, key: ast.expr) -> None:
        """What is read has to stay where it is."""
        provider = self._callable(module, key, function_around(module, key))
        if provider is not None:
            self.read.add(provider)

    def _named_in(self, module: ModuleFacts, call: ast.Call) -> Iterator[Override]:
        """The providers that a call names which gets the overrides, and does with them what is not known."""
        for argument in [*call.args, *(k.value for k in call.keywords)]:
            for node in ast.walk(argument):
                if isinstance(node, (ast.Name, ast.Attribute)):
                    yield from self._override(module, node, None, None, known=False)

    def _entries(self, module: ModuleFacts, given: ast.Dict) -> Iterator[Override]:
        for key, value in zip(given.keys, given.values, strict=True):
            if key is not None:
                yield from self._override(module, key, value, None)

    def _override(
        self,
        module: ModuleFacts,
        key: ast.expr,
        value: ast.expr | None,
        statement: ast.AST | None,
        *,
        known: bool = True,
    ) -> Iterator[Override]:
        function = function_around(module, key)
        provider = self._callable(module, key, function)
        if provider is None:
            if self._layer is not None and last_name(key) == self._layer.names["get_session"]:
                self.modern = f"{module.path}:{module.source.place(key)[0]}"
                # A counterpart that this stage has written says nothing about the other overrides.
                written = isinstance(value, ast.Call) and last_name(value.func) == "session_override"
                self._by_hand = self._by_hand or (value is not None and not written)
            return
        alone = statement if isinstance(statement, ast.stmt) else None
        proved = value is None or self._hands_out_a_session(module, value, function)
        # A call is made once: what it gives is taken from where an assignment has put it.
        repeatable = isinstance(value, (ast.Name, ast.Attribute, ast.Lambda)) or isinstance(alone, ast.Assign)
        known = known and (proved or repeatable)
        yield Override(module, provider, key, value, alone, known, proved)

    def _callable(self, module: ModuleFacts, node: ast.expr, function: FunctionFacts) -> FunctionFacts | None:
        value = self._graph.value(function, node)
        return value.facts if isinstance(value, Function) else self._roots.callable(module, node, function)

    def handed_out(self, override: Override) -> list[Value] | None:
        """What calling the value of *override* may give; None if it is no function of the program."""
        value = override.value
        function = function_around(override.module, override.key)
        if isinstance(value, ast.Lambda):
            return [self._graph.value(function, value.body)]
        found = self._callable(override.module, value, function) if value is not None else None
        if found is None:
            return None
        if found.name == "__init__":
            return [Instance(found.owner)] if found.owner is not None else None
        return [self._graph.value(found, node) for node in given_out(found.node)]

    def _hands_out_a_session(self, module: ModuleFacts, node: ast.expr, function: FunctionFacts) -> bool:
        """Whether calling *node* is proved to give a sync session, or a generator of one."""
        if isinstance(node, ast.Lambda):
            return self._graph.is_session(function, node.body)
        if not isinstance(node, (ast.Name, ast.Attribute)):
            return False
        override = self._callable(module, node, function)
        if override is None or override.name in ("__init__", "__call__"):
            return False
        if self._is_provider(override):
            return True
        found = list(given_out(override.node))
        return bool(found) and all(self._graph.is_session(override, each) for each in found)


def _is_alone(statement: ast.AST | None) -> bool:
    return isinstance(statement, ast.Expr)


def given_out(function: ast.AST) -> Iterator[ast.expr | None]:
    """What *function* yields, or what it returns if it yields nothing."""
    returned: list[ast.expr | None] = []
    yielded: list[ast.expr | None] = []
    stack: list[ast.AST] = list(getattr(function, "body", []))
    while stack:
        node = stack.pop()
        match node:
            case ast.Yield(value=value):
                yielded.append(value)
            case ast.Return(value=value):
                returned.append(value)
            case ast.YieldFrom():
                returned.append(None)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda() | ast.ClassDef():
                continue
        stack += children(node)
    yield from yielded or returned
