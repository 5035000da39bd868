"""Tests that call functions which become coroutines, with a sync session that the tests have made."""

from __future__ import annotations

import ast
from functools import cached_property
from typing import TYPE_CHECKING

from alchemove_codemods.colours.async_tests import AsyncTests
from alchemove_codemods.colours.forced import is_test
from alchemove_codemods.colours.generators import is_generator
from alchemove_codemods.colours.holders import Edge
from alchemove_codemods.colours.loads.passing import passed
from alchemove_codemods.colours.site import Site
from alchemove_codemods.facts import FunctionFacts

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours

_AROUND = frozenset(
    {
        *("setUp", "tearDown", "setUpClass", "tearDownClass", "setup_method", "teardown_method"),
        *("setup_class", "teardown_class", "setup_module", "teardown_module", "setup_function", "teardown_function"),
    }
)


class Testing:
    """Which functions of the tests can run coroutines.

    A test, a fixture, or a helper that only those call runs without an event loop, so ``asyncio.run`` can start one for
    a call. What a callback or a function of unknown callers runs in is not known.
    """

    def __init__(self, colours: Colours) -> None:
        self._colours = colours
        self._decided: dict[FunctionFacts, bool] = {}

    def runs(self, site: Site) -> bool:
        """Whether the call *site* in a test can be made by ``asyncio.run``, or awaited by an ``async def`` test."""
        return (
            site.kind == "call"
            and site.deferred is None
            and is_test(site.function)
            and not any(is_generator(t) or self._misses_its_session(t, site.node) for t in site.targets)
            and self._may_run(site.function)
        )

    def _misses_its_session(self, function: FunctionFacts, node: ast.expr) -> bool:
        """Whether the call *node* leaves out a session that FastAPI fills: what never came to use it would from now on."""
        if not isinstance(node, ast.Call) or any(k.arg is None for k in node.keywords):
            return False
        if any(isinstance(a, ast.Starred) for a in node.args):
            return False
        return any(not isinstance(passed(function, name, node), ast.expr) for name in self._filled.get(function, ()))

    @cached_property
    def _filled(self) -> dict[FunctionFacts, list[str]]:
        """The parameters that FastAPI fills with a session, by function."""
        found: dict[FunctionFacts, list[str]] = {}
        for injection in (i for made in self._colours.injections.values() for i in made):
            if injection.owner is None and not injection.besides:
                found.setdefault(injection.function, []).append(injection.parameter.arg)
        return found

    def wraps(self, edge: Edge) -> bool:
        """Whether the sync session that *edge* hands over can be given as an AsyncSession that works on it."""
        target = edge.target.owner
        return (
            edge.call is not None
            and edge.node is not edge.call
            and edge.target.where == "parameter"
            and isinstance(target, FunctionFacts)
            and not is_test(target)
            and is_test(edge.function)
            and (self._may_run(edge.function) or self._overrides(edge))
            # What a sync function does with a session that nothing is known of takes a sync one.
            and (
                target in self._colours.coroutines
                or target.is_method
                or bool(self._colours.holders.out.get(edge.target))
            )
        )

    def _overrides(self, edge: Edge) -> bool:
        """Whether a test only gives the function around *edge* to FastAPI, in the place of a dependency: what it makes goes to endpoints."""
        function, uses = edge.function, self._colours.uses
        module = function.module
        if not self._is_writable(function):
            return False
        at: ast.AST | None = edge.node
        while at is not None and not isinstance(at, (ast.FunctionDef, ast.AsyncFunctionDef)):
            if isinstance(at, ast.Lambda):
                return uses.goes_to_fastapi(module, at)
            at = module.source.parents.get(at)
        if function.owner is not None or function.decorators or self._is_imported(function):
            return False
        named = [n for n in uses.named(module, function.name) if isinstance(n, ast.Name)]
        return bool(named) and all(uses.goes_to_fastapi(module, n) for n in named)

    def _is_imported(self, function: FunctionFacts) -> bool:
        """Whether another file may have *function*."""
        paths = self._colours.knowledge.program.naming(function.name)
        return function.outer is None and any(path != function.module.path for path in paths)

    def _is_writable(self, function: FunctionFacts) -> bool:
        """Whether the stage may change *function*."""
        colours, module = self._colours, function.module
        if module in colours.broken or (colours.targets is not None and module.path not in colours.targets):
            return False
        return not {0, getattr(function.node, "lineno", 0)} & module.source.skipped

    def _may_run(self, function: FunctionFacts) -> bool:
        if function not in self._decided:
            # A recursion says nothing by itself.
            self._decided[function] = True
            self._decided[function] = self._decide(function)
        return self._decided[function]

    def _decide(self, function: FunctionFacts) -> bool:
        colours = self._colours
        if isinstance(function.node, (ast.Module, ast.Lambda)) or not self._is_writable(function):
            return False
        if isinstance(function.node, ast.AsyncFunctionDef):
            return True
        callers = colours.graph.callers.get(function, ())
        known = _is_run_by_the_framework(function) or (bool(callers) and colours.uses.closed(function))
        return known and all(
            is_test(c.function)
            and c.deferred is None
            and not isinstance(c.function.node, ast.AsyncFunctionDef)
            and self._may_run(c.function)
            for c in callers
        )

    @cached_property
    def calls(self) -> dict[FunctionFacts, list[Site]]:
        """The calls in tests of what has become a coroutine, once the colours are decided."""
        coroutines = self._colours.coroutines
        found: dict[FunctionFacts, list[Site]] = {}
        for function, sites in self._colours.graph.sites.items():
            for site in sites if function not in coroutines and is_test(function) else ():
                fresh = [t for t in site.targets if t in coroutines and not isinstance(t.node, ast.AsyncFunctionDef)]
                if fresh and self.runs(site):
                    found.setdefault(function, []).append(site)
        return found

    @cached_property
    def awaiting(self) -> dict[FunctionFacts, str | None]:
        """The tests among :attr:`calls` that become coroutines, each with the marker that it needs for that."""
        tests = AsyncTests(self._colours)
        return {f: tests.marker_for(f) for f in self.calls if tests.may_become_one(f)}


def _is_run_by_the_framework(function: FunctionFacts) -> bool:
    """Whether pytest or unittest calls *function*, on a thread that runs no event loop."""
    if function.decorated("fixture", "yield_fixture"):
        return True
    if function.outer is not None and not isinstance(function.outer.node, ast.Module):
        return False
    return function.name.startswith("test") or (function.name in _AROUND)
