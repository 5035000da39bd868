"""Tests that become coroutines themselves, where the project has a plugin that runs such tests: pytest-asyncio or anyio.

The tests of the project that are coroutines already show which one it is, and whether it wants a marker.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from alchemove_codemods.colours.forced import is_test
from alchemove_codemods.colours.generators import is_generator
from alchemove_codemods.facts import FunctionFacts, ModuleFacts, last_name
from alchemove_codemods.trees import walk

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours

_MARKERS = frozenset({"asyncio", "anyio"})
_STARTS_A_LOOP = frozenset({"run", "invoke", "run_until_complete", "main", "async_to_sync"})


class AsyncTests:
    """How the coroutines among the tests of a program are run.

    ``marker`` is the one that they have (``asyncio``, ``anyio``), None where there is none or no such test; ``known`` says whether
    there is one.
    """

    def __init__(self, colours: Colours) -> None:
        self._colours = colours
        self._marked: dict[ModuleFacts, str] = {}
        found: list[str | None] = []
        for module in colours.knowledge.program.loaded():
            for function in module.functions.values():
                if isinstance(function.node, ast.AsyncFunctionDef) and is_test(function) and _is_collected(function):
                    own = next(_markers(function.decorators), None)
                    everywhere = self._of_module(module)
                    found.append(own or everywhere)
                    if own is None and everywhere is not None:
                        self._marked[module] = everywhere
        self.known = bool(found)
        named = [m for m in found if m is not None]
        # Where one has none, the plugin takes every coroutine.
        self.marker = max(named, key=named.count) if len(named) == len(found) and named else None

    def _of_module(self, module: ModuleFacts) -> str | None:
        """The marker that ``pytestmark`` of *module* gives all its tests."""
        for binding in module.bindings.get("pytestmark", ()):
            for marker in _markers([n for n in ast.walk(binding.node) if isinstance(n, ast.expr)]):
                return marker
        return None

    def marker_for(self, function: FunctionFacts) -> str | None:
        """The marker to put before the test *function*."""
        return None if function.module in self._marked else self.marker

    def may_become_one(self, function: FunctionFacts) -> bool:
        """Whether *function* is a test that the plugin can run as a coroutine, and that starts no event loop by itself."""
        plain = (
            self.known
            and isinstance(function.node, ast.FunctionDef)
            and _is_collected(function)
            and not is_generator(function)
            and not self._colours.graph.callers.get(function)
            and all(_is_mark(d) for d in function.decorators)
            and (function.owner is None or self._is_plain_class(function))
        )
        return plain and not any(self._starts_a_loop(f) for f in self._reached(function))

    def _is_plain_class(self, function: FunctionFacts) -> bool:
        assert function.owner is not None
        lineage = self._colours.knowledge.models.lineage(function.owner)
        return all(not isinstance(c, str) or c == "builtins.object" for c in lineage) and None not in lineage

    def _reached(self, function: FunctionFacts) -> list[FunctionFacts]:
        """*function*, and what it calls of the tests."""
        found = {function: None}
        pending = [function]
        while pending:
            for site in self._colours.graph.sites.get(pending.pop(), ()):
                for target in site.targets:
                    if target not in found and is_test(target):
                        found[target] = None
                        pending.append(target)
        return list(found)

    def _starts_a_loop(self, function: FunctionFacts) -> bool:
        """Whether *function* may call ``asyncio.run``, which cannot be called from a coroutine."""
        if self._colours.testing.calls.get(function) and not _is_collected(function):
            return True
        return any(isinstance(n, ast.Call) and last_name(n.func) in _STARTS_A_LOOP for n in walk(function.node))


def _is_collected(function: FunctionFacts) -> bool:
    outer = function.outer is None or isinstance(function.outer.node, ast.Module)
    return outer and function.name.startswith("test")


def _is_mark(decorator: ast.expr) -> bool:
    """Whether *decorator* is ``pytest.mark.something``."""
    node = decorator.func if isinstance(decorator, ast.Call) else decorator
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute) and node.value.attr == "mark"


def _markers(nodes: list[ast.expr]) -> Iterator[str]:
    for node in nodes:
        name = last_name(node)
        if name in _MARKERS and _is_mark(node):
            yield name
