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
from alchemove_codemods.values import Function

if TYPE_CHECKING:
    from alchemove_codemods.analysis.knowledge import Knowledge


@dataclass(frozen=True, slots=True, eq=False)
class Override:
    """One place where ``dependency_overrides`` is given, or loses, something for ``provider``.

    ``key`` is the expression for the provider and ``value`` what takes its place, None where the key is only named
    (``del``, ``pop``). ``statement`` is the statement that does nothing else, None for an entry of a dictionary.
    """

    module: ModuleFacts
    provider: FunctionFacts
    key: ast.expr
    value: ast.expr | None
    statement: ast.stmt | None
    known: bool


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
        self.found = list(self._all())

    def unknown(self, writable: frozenset[ModuleFacts] | None) -> frozenset[FunctionFacts]:
        """The providers that coroutines cannot have in tests: overridden by what is not known to hand out a session.

        Args:
            writable: the files that may be changed, None for all.
        """
        if self._by_hand:
            return frozenset()
        return frozenset(
            o.provider for o in self.found if not o.known or (writable is not None and o.module not in writable)
        )

    def to_rewrite(self) -> list[Override]:
        """The overrides that need a counterpart; none where the tests override ``get_session`` themselves."""
        return [] if self.modern is not None else [o for o in self.found if o.known]

    def _all(self) -> Iterator[Override]:
        program = self._knowledge.program
        for path in program.mentioning(b"dependency_overrides"):
            module = program.module(path)
            for node in module.source.nodes if module is not None else ():
                if isinstance(node, ast.Attribute) and node.attr == "dependency_overrides":
                    assert module is not None
                    yield from self._at(module, node)

    def _at(self, module: ModuleFacts, node: ast.Attribute) -> Iterator[Override]:
        """What the code around ``app.dependency_overrides``, *node*, does with it."""
        parents = module.source.parents
        around = parents.get(node)
        outer = parents.get(around) if around is not None else None
        match around, outer:
            case ast.Subscript(value=value, slice=key), ast.Assign(targets=[_], value=given) if value is node:
                yield from self._override(module, key, given, outer)
            case ast.Subscript(value=value, slice=key), ast.Delete(targets=[_]) if value is node:
                yield from self._override(module, key, None, outer)
            case ast.Subscript(slice=key), _:
                yield from self._override(module, key, None, None, known=False)
            case ast.Assign(value=ast.Dict() as given), _:
                yield from self._entries(module, given)
            case ast.Attribute(attr="update"), ast.Call(args=[ast.Dict() as given]):
                yield from self._entries(module, given)
            case ast.Attribute(attr="pop"), ast.Call(args=[key, *_]):
                statement = parents.get(outer) if outer is not None else None
                plain = isinstance(statement, ast.Expr)
                yield from self._override(module, key, None, statement if plain else None, known=plain)

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
        known = known and (value is None or self._hands_out_a_session(module, value, function))
        yield Override(module, provider, key, value, statement if isinstance(statement, ast.stmt) else None, known)

    def _callable(self, module: ModuleFacts, node: ast.expr, function: FunctionFacts) -> FunctionFacts | None:
        value = self._graph.value(function, node)
        return value.facts if isinstance(value, Function) else self._roots.callable(module, node, function)

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
        given = list(_given(override.node))
        return bool(given) and all(self._graph.is_session(override, each) for each in given)


def _given(function: ast.AST) -> Iterator[ast.expr | None]:
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
