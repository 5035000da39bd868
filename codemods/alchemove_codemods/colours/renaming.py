"""Functions that FastAPI calls and the program as well: whether what calls them can call another function."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from alchemove_codemods.colours.candidates import untouchable
from alchemove_codemods.colours.forced import is_test
from alchemove_codemods.colours.naming import naming
from alchemove_codemods.colours.site import Site
from alchemove_codemods.facts import FunctionFacts, ModuleFacts, last_name
from alchemove_codemods.trees import walk
from alchemove_codemods.values import Function

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours


class Renaming:
    """Answers for one program."""

    def __init__(self, colours: Colours) -> None:
        self._colours = colours

    def can_be_split(self, function: FunctionFacts) -> bool:
        """Whether everything that calls *function*, which FastAPI calls as well, can call the code of it under another name."""
        if not self._is_of_its_own(function):
            return False
        program = self._colours.knowledge.program
        if program.unreadable(function.name) or len(function.module.bindings.get(function.name, ())) != 1:
            return False
        graph = self._colours.graph
        if any(site.kind == "response" for site in graph.sites.get(function, ())):
            # FastAPI is given what is read inside, and what calls the function the objects themselves.
            return False
        sites = graph.callers.get(function, ())
        if any(map(_is_run_in_a_session, sites)) or not all(self.can_be(site, function) for site in sites):
            return False
        given_to_fastapi = self._colours.uses.goes_to_fastapi
        called = {site.node.func for site in sites if isinstance(site.node, ast.Call)}
        # What looks a function up by a text has been asked for with each of the calls.
        named = naming(program, function.module.path, function.name)
        return all(isinstance(n, ast.Constant) or n in called or given_to_fastapi(m, n) for m, n in named)

    def _is_of_its_own(self, function: FunctionFacts) -> bool:
        """Whether *function* stands at the top of a file, under no decorator but that of its route."""
        if function.owner is not None or function.outer is not None:
            return False
        route = self._colours.roots.endpoints.get(function)
        return all(d is route for d in function.decorators) and untouchable(self._colours, function) is None

    def can_be(self, site: Site, function: FunctionFacts) -> bool:
        """Whether *site* calls *function* by its name, and can call another one; a coroutine awaits *function* as before."""
        if isinstance(function.node, ast.AsyncFunctionDef):
            if not _is_awaited(site) or site.function in self._colours.keeping:
                return False
            if site.function in self._colours.coroutines:
                return True
        colours, module = self._colours, site.function.module
        if site.kind != "call" or site.targets != (function,) or not isinstance(site.node, ast.Call):
            return False
        if not isinstance(site.node.func, (ast.Name, ast.Attribute)):
            return False
        if not self._names(site.function, site.node.func, function) or is_test(site.function):
            return False
        importable = self._can_be_imported(site.node.func, function, module)
        if not importable or untouchable(colours, site.function) is not None:
            return False
        # What puts a mock in the place of the function means the one that is called.
        called = last_name(site.node.func) or ""
        return not any(colours.uses.is_said(m, called) for m in (module, function.module))

    def _names(self, user: FunctionFacts, callee: ast.expr, function: FunctionFacts) -> bool:
        """Whether *callee* is the name of *function* in *user*, which may import it for itself."""
        named = self._colours.knowledge.static(user.module, callee)
        if isinstance(named, Function):
            return named.facts is function
        imported = (a for n in walk(user.node) if isinstance(n, ast.ImportFrom) for a in n.names)
        return isinstance(callee, ast.Name) and any((a.asname or a.name) == callee.id for a in imported)

    def _can_be_imported(self, callee: ast.expr, function: FunctionFacts, module: ModuleFacts) -> bool:
        """Whether *module* can name another function beside *function*, as *callee* does, by an import that closes no circle."""
        if isinstance(callee, ast.Attribute) or function.module is module:
            return True
        program = self._colours.knowledge.program
        known = any(program.origin(module, n) == (function.module.path, function.name) for n in module.bindings)
        return known or module.path not in program.graph.reached(function.module.path)


def _is_awaited(site: Site) -> bool:
    return isinstance(site.function.module.source.parents.get(site.node), ast.Await)


def _is_run_in_a_session(site: Site) -> bool:
    """Whether a coroutine runs the call in ``run_sync`` already: what it calls holds the code by now."""
    parents = site.function.module.source.parents
    at: ast.AST | None = site.node
    while at is not None and not isinstance(at, ast.stmt):
        at = parents.get(at)
        if isinstance(at, ast.Call) and last_name(at.func) == "run_sync":
            return True
    return False
