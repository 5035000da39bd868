"""Generators and context managers that can become asynchronous, and what goes through them at each call."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from alchemove_codemods.analysis.knowledge import Knowledge
from alchemove_codemods.colours.comprehensions import Parents, is_whole, items_of
from alchemove_codemods.colours.loads.scopes import run_nodes
from alchemove_codemods.facts import FunctionFacts, last_name
from alchemove_codemods.facts import is_generator as yields
from alchemove_codemods.trees import walk
from alchemove_codemods.values import External

if TYPE_CHECKING:
    from alchemove_codemods.colours.graph import Graph
    from alchemove_codemods.colours.site import Site

Kind = Literal["manager", "generator"]
_EXPIRING = frozenset({"rollback", "expire", "expire_all"})


@dataclass(frozen=True, slots=True, eq=False)
class Consumer:
    """What goes through the generator that a call makes.

    ``node`` is a ``with`` or ``for`` statement, one ``for`` of a comprehension, or a call of a builtin that takes all of it.
    """

    node: ast.With | ast.For | ast.comprehension | ast.Call


def is_generator(function: FunctionFacts) -> bool:
    """Whether calling *function* gives a generator (or a context manager made of one)."""
    return yields(function.node)


def delegates(function: FunctionFacts) -> bool:
    """Whether the generator *function* does what an asynchronous one cannot: ``yield from``, ``return value``."""
    return any(
        isinstance(n, ast.YieldFrom) or (isinstance(n, ast.Return) and n.value is not None) for n in run_nodes(function)
    )


def swallows(manager: FunctionFacts) -> bool:
    """Whether the generator *manager* of a context manager may go on after an exception in its block."""
    return any(isinstance(n, ast.ExceptHandler) and not isinstance(n.body[-1], ast.Raise) for n in walk(manager.node))


def is_contextmanager(knowledge: Knowledge, function: FunctionFacts, decorator: ast.expr) -> bool:
    """Whether *decorator* of *function* is ``contextlib.contextmanager``."""
    value = knowledge.static(function.module, decorator)
    return isinstance(value, External) and value.name == "contextlib.contextmanager"


class Generators:
    """Which generator functions of the program can be asynchronous, as far as they themselves tell."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._kinds: dict[FunctionFacts, Kind | None] = {}

    def kind(self, function: FunctionFacts) -> Kind | None:
        """What *function* makes if it can become asynchronous; None for everything else."""
        if function not in self._kinds:
            self._kinds[function] = self._decide(function)
        return self._kinds[function]

    def _decide(self, function: FunctionFacts) -> Kind | None:
        if not isinstance(function.node, ast.FunctionDef) or not is_generator(function):
            return None
        is_manager = any(is_contextmanager(self._knowledge, function, d) for d in function.decorators)
        kind: Kind = "manager" if is_manager else "generator"
        others = [d for d in function.decorators if last_name(d) != "staticmethod"]
        if len(others) != (kind == "manager"):
            return None
        parents = function.module.source.parents
        for node in run_nodes(function):
            match node:
                case ast.YieldFrom() | ast.Return(value=ast.expr()):
                    return None
                case ast.Yield() if not isinstance(parents.get(node), ast.Expr):
                    return None
                case ast.Yield() if kind == "generator" and self._is_guarded(function, node):
                    # Where the loop is left early, an asynchronous generator cleans up some time later.
                    return None
                case ast.Call(func=ast.Attribute(attr=name)) if name in _EXPIRING and kind == "manager":
                    if not self._raises_after(function, node):
                        # Whoever comes after the block would read what was expired.
                        return None
        return kind

    def _is_guarded(self, function: FunctionFacts, node: ast.AST) -> bool:
        parents = function.module.source.parents
        at: ast.AST | None = node
        while at is not None and at is not function.node:
            if isinstance(at, (ast.With, ast.Try)):
                return True
            at = parents.get(at)
        return False

    def _raises_after(self, function: FunctionFacts, node: ast.Call) -> bool:
        """Whether *node* is a statement of a handler that ends with ``raise``."""
        parents = function.module.source.parents
        statement = parents.get(node)
        handler = parents.get(statement) if statement is not None else None
        return isinstance(handler, ast.ExceptHandler) and isinstance(handler.body[-1], ast.Raise)


def consumer(graph: Graph, site: Site, kind: Kind) -> Consumer | None:
    """What goes through the generator of the call *site*, if its asynchronous form can do so as well."""
    parents = site.function.module.source.parents
    around = parents.get(site.node)
    if site.deferred is not None or around is None:
        return None
    if kind == "manager":
        block = parents.get(around) if isinstance(around, ast.withitem) else None
        return Consumer(block) if isinstance(block, ast.With) and all(map(graph.manager, managed(block))) else None
    inside = items_of(site.node, parents)
    match around:
        case ast.For(iter=iterated) if iterated is site.node:
            return Consumer(around)
        case ast.comprehension(iter=iterated) if iterated is site.node and not _nested(around, inside, parents):
            whole = parents[around]
            if not isinstance(whole, ast.GeneratorExp) or is_whole(graph, site.function, whole):
                return Consumer(around)
        case ast.Call(args=[first, *_]) if first is site.node and not inside and is_whole(graph, site.function, first):
            return Consumer(around)
    return None


def managed(block: ast.With) -> list[ast.expr]:
    """What makes the context managers of *block*."""
    return [item.context_expr for item in block.items]


def _nested(node: ast.comprehension, inside: list[ast.AST], parents: Parents) -> bool:
    """Whether the comprehension of *node* stands in another one: before Python 3.11 it cannot be asynchronous then."""
    whole = parents[node]
    return any(each is not whole for each in inside)
