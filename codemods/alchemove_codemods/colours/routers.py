"""Dependencies that no parameter names: those of a route, of its router, of what includes that, and of the application.

``APIRouter(dependencies=[Depends(check)])`` runs ``check`` before each endpoint of the router, with the session of the request.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cached_property

from alchemove_codemods.analysis.injecting import injecting
from alchemove_codemods.facts import ModuleFacts, last_name
from alchemove_codemods.program import Program
from alchemove_codemods.trees import walk

Router = tuple[str, str] | None
"""The file and name of the global that holds a router; None for one that is held elsewhere."""

Named = tuple[ModuleFacts, ast.Call]
"""A ``Depends(...)``, and the module that it stands in."""


class Routers:
    """Answers for one program."""

    def __init__(self, program: Program) -> None:
        self._program = program

    def around(self, module: ModuleFacts, route: ast.expr) -> list[Named]:
        """What runs before the endpoint of *route*, the decorator or call that adds it: the outermost first."""
        if not isinstance(route, ast.Call) or not isinstance(route.func, ast.Attribute):
            return []
        found = [*self._of_router(self._router(module, route.func.value), set()), *self._given(module, route)]
        return list({id(call): (where, call) for where, call in found}.values())

    def _of_router(self, router: Router, seen: set[Router]) -> Iterator[Named]:
        if router in seen:
            return
        seen.add(router)
        for parent, given in self._included.get(router, ()):
            yield from self._of_router(parent, seen)
            yield from given
        yield from self._of_router(None, seen)
        yield from self._own.get(router, ())

    @cached_property
    def _own(self) -> dict[Router, list[Named]]:
        """The dependencies that routers and applications are made with."""
        found: dict[Router, list[Named]] = {}
        for module in self._modules(b"dependencies"):
            for call in module.source.of_kind(ast.Call):
                if _is_included(call) is None and (last_name(call.func) or "").endswith(("Router", "FastAPI")):
                    statement = module.source.parents.get(call)
                    target = statement.targets[0] if isinstance(statement, ast.Assign) else None
                    target = statement.target if isinstance(statement, ast.AnnAssign) else target
                    router = self._router(module, target) if statement in module.source.tree.body else None
                    found.setdefault(router, []).extend(self._given(module, call))
        return found

    @cached_property
    def _included(self) -> dict[Router, list[tuple[Router, list[Named]]]]:
        """What includes each router, with the dependencies that are given there."""
        found: dict[Router, list[tuple[Router, list[Named]]]] = {}
        for module in self._modules(b"include_router") if self._program.mentioning(b"dependencies") else ():
            for call in module.source.of_kind(ast.Call):
                if (included := _is_included(call)) is not None and isinstance(call.func, ast.Attribute):
                    parent = self._router(module, call.func.value)
                    found.setdefault(self._router(module, included), []).append((parent, self._given(module, call)))
        return found

    def _modules(self, word: bytes) -> Iterator[ModuleFacts]:
        return filter(None, map(self._program.module, self._program.mentioning(word)))

    def _router(self, module: ModuleFacts, node: ast.expr | None) -> Router:
        return self._program.origin_of(module, node) if node is not None else None

    def _given(self, module: ModuleFacts, call: ast.Call) -> list[Named]:
        """The dependencies that *call* names: ``dependencies=[Depends(check)]``, also by the name of one or of a list."""
        values = [k.value for k in call.keywords if k.arg == "dependencies"]
        return [named for value in values for named in self._named(module, value, 0)]

    def _named(self, module: ModuleFacts, node: ast.expr, depth: int) -> Iterator[Named]:
        for inner in walk(node):
            if (call := injecting(inner)) is not None:
                yield module, call
            elif isinstance(inner, (ast.Name, ast.Attribute)) and depth < 3:
                origin = self._program.origin_of(module, inner)
                source = self._program.module(origin[0]) if origin and origin[0].endswith(".py") else None
                for binding in source.bindings.get(origin[1], ()) if source and origin else ():
                    if isinstance(binding.node, (ast.Call, ast.List, ast.Tuple)) and source is not None:
                        yield from self._named(source, binding.node, depth + 1)


def _is_included(call: ast.Call) -> ast.expr | None:
    """The router in ``app.include_router(router)``."""
    if last_name(call.func) != "include_router":
        return None
    return call.args[0] if call.args else next((k.value for k in call.keywords if k.arg == "router"), None)
