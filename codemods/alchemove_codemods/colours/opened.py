"""Sessions that a function opens for itself: ``with get_sync_session() as session:``, which coroutines open as async ones."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from alchemove_codemods.analysis.occurrences import Occurrences
from alchemove_codemods.colours.graph import Graph
from alchemove_codemods.colours.layer import Layer
from alchemove_codemods.facts import FunctionFacts, ModuleFacts


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """A ``with`` of ``function`` all of whose ``calls`` open sessions of the session layer, under those ``names``."""

    node: ast.With
    function: FunctionFacts
    calls: tuple[ast.Call, ...]
    names: tuple[str, ...]


class Opened:
    """The ``blocks`` of a program that open the sync sessions of its session layer, by their calls.

    Only where the layer has the async counterpart. ``replaced`` is where something replaces the sync one
    (``monkeypatch.setattr(jobs, "get_sync_session", ...)``), which coroutines would not use: ``tests/test_jobs.py:12``.
    """

    def __init__(self, graph: Graph, layer: Layer | None, occurrences: Occurrences) -> None:
        self.blocks: dict[ast.expr, Block] = {}
        self.functions: frozenset[FunctionFacts] = frozenset()
        self.replaced: str | None = None
        self._knowledge = graph.knowledge
        if layer is None or not {"session", "sync_session"} <= layer.names.keys():
            return
        self._wanted = (layer.module.path, layer.names["sync_session"])
        for function, sites in graph.sites.items():
            parents = function.module.source.parents
            items = [parents.get(s.node) for s in sites if s.kind == "opened"]
            for block in self._of(function, {parents.get(i) for i in items if i is not None}):
                self.blocks.update(dict.fromkeys(block.calls, block))
        self.functions = frozenset(b.function for b in self.blocks.values())
        self.replaced = self._replaced(occurrences) if self.blocks else None

    def _of(self, function: FunctionFacts, nodes: set[ast.AST | None]) -> Iterator[Block]:
        for node in nodes:
            if isinstance(node, ast.With):
                calls = tuple(filter(None, (self._call(function, i.context_expr) for i in node.items)))
                names = tuple(i.optional_vars.id for i in node.items if isinstance(i.optional_vars, ast.Name))
                if len(calls) == len(names) == len(node.items):
                    yield Block(node, function, calls, names)

    def _call(self, function: FunctionFacts, node: ast.expr) -> ast.Call | None:
        """*node* if it opens a session of the layer."""
        match node:
            case ast.Call(func=callee, args=[], keywords=keywords) if all(k.arg == "tenant" for k in keywords):
                opens = self._knowledge.program.origin_of(function.module, callee) == self._wanted
                return node if opens else None
        return None

    def _replaced(self, occurrences: Occurrences) -> str | None:
        """Where something gives the name of the opener another meaning, by its text or by an assignment."""
        name, program = self._wanted[1], self._knowledge.program
        for module in filter(None, map(program.module, program.mentioning(name.encode()))):
            assigned = [n for n in module.source.nodes if isinstance(n, ast.Attribute) and n.attr == name]
            for node in [*occurrences.named(module, name), *assigned]:
                by_text = isinstance(node, ast.Constant)
                if by_text or (isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)):
                    return f"{module.path}:{module.source.place(node)[0]}"
        return None

    def around(self, module: ModuleFacts, node: ast.AST) -> Iterator[str]:
        """The names of the sessions that are open at *node*, innermost first."""
        at: ast.AST | None = node
        while at is not None and not isinstance(at, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            below, at = at, module.source.parents.get(at)
            if isinstance(at, ast.With) and below in at.body:
                for item in reversed(at.items):
                    if item.context_expr in self.blocks and isinstance(item.optional_vars, ast.Name):
                        yield item.optional_vars.id
