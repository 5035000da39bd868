"""Where the program gives its functions to FastAPI, which calls coroutines and functions alike."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping

from alchemove_codemods.analysis.injecting import injecting
from alchemove_codemods.analysis.knowledge import Knowledge
from alchemove_codemods.colours.roots import routed
from alchemove_codemods.facts import ClassFacts, FunctionFacts, ModuleFacts
from alchemove_codemods.values import Class, Function


def _overridden(parents: Mapping[ast.AST, ast.AST], node: ast.Attribute) -> Iterator[ast.AST]:
    """The keys in the code around ``app.dependency_overrides``, *node*, and what takes their place."""
    around = parents.get(node)
    outer = parents.get(around) if around is not None else None
    match around, outer:
        case ast.Subscript(slice=key), ast.Assign(value=given):
            yield from (key, given)
        case ast.Subscript(slice=key), _:
            yield key
        case ast.Assign(value=ast.Dict() as given), _:
            yield from (*filter(None, given.keys), *given.values)
        case ast.Attribute(), ast.Call(args=[ast.Dict() as given, *_]):
            yield from (*filter(None, given.keys), *given.values)
        case ast.Attribute(), ast.Call(args=[key, *rest]):
            yield from (key, *rest)
        case ast.Call(func=ast.Attribute(attr="setitem" | "delitem"), args=[_, *rest]), _:
            yield from rest
        case ast.Call(func=ast.Attribute(attr="dict"), args=[_, ast.Dict() as given]), _:
            yield from (*filter(None, given.keys), *given.values)


class Injected:
    """``Depends(f)``, ``add_api_route(path, f)``, ``dependency_overrides[f]``, and what makes such an ``f``.

    *named* gives the nodes of a module that have a name.
    """

    def __init__(self, knowledge: Knowledge, named: Callable[[ModuleFacts, str], list[ast.AST]]) -> None:
        self._knowledge = knowledge
        self._named = named
        self._places: dict[ModuleFacts, frozenset[ast.AST]] = {}
        self._decided: dict[FunctionFacts | ClassFacts, bool] = {}

    def places(self, module: ModuleFacts) -> frozenset[ast.AST]:
        """The expressions in *module* that FastAPI is given to call."""
        if module not in self._places:
            found: set[ast.AST] = set()
            for node in module.source.nodes:
                match node:
                    case ast.Call():
                        if injecting(node) is not None:
                            found.update(node.args)
                        elif (endpoint := routed(node)) is not None:
                            found.add(endpoint)
                    case ast.Attribute(attr="dependency_overrides"):
                        found.update(_overridden(module.source.parents, node))
            self._places[module] = frozenset(found)
        return self._places[module]

    def returns_to_fastapi(self, node: ast.AST, function: FunctionFacts) -> bool:
        """Whether *node* is where the function around *function* returns it, and only FastAPI gets what that returns."""
        parents, outer = function.module.source.parents, function.outer
        if outer is None or not isinstance(parents.get(node), ast.Return) or outer.owner is not None:
            return False
        at: ast.AST | None = parents.get(node)
        while at is not None and not isinstance(at, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            at = parents.get(at)
        return at is outer.node and self.makes_for_fastapi(outer)

    def makes_for_fastapi(self, maker: FunctionFacts | ClassFacts) -> bool:
        """Whether all that calling *maker* gives is called by FastAPI only: ``Depends(require("admin"))``."""
        if maker not in self._decided:
            self._decided[maker] = False  # one that makes itself is not known
            self._decided[maker] = all(self._is_given(m, n) for m, n in self._uses(maker))
        return self._decided[maker]

    def _uses(self, maker: FunctionFacts | ClassFacts) -> Iterator[tuple[ModuleFacts, ast.AST]]:
        for module in self._mentioning(maker.name):
            for node in self._named(module, maker.name):
                value = self._knowledge.static(module, node) if isinstance(node, (ast.Name, ast.Attribute)) else None
                match value:
                    case Function(facts=other) | Class(facts=other) if other is not maker:
                        continue
                yield module, node

    def _is_given(self, module: ModuleFacts, node: ast.AST) -> bool:
        parents = module.source.parents
        call = parents.get(node)
        if not isinstance(call, ast.Call) or call.func is not node:
            return False
        if call in self.places(module):
            return True
        match parents.get(call):
            case ast.Assign(targets=[ast.Name(id=name)]) as assignment if assignment in module.source.tree.body:
                return all(n in self.places(m) for m in self._mentioning(name) for n in self._named(m, name))
        return False

    def _mentioning(self, name: str) -> Iterator[ModuleFacts]:
        program = self._knowledge.program
        return (m for path in program.mentioning(name.encode()) if (m := program.module(path)) is not None)
