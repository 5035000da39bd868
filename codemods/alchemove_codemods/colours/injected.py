"""Where the program gives its functions to FastAPI, which calls coroutines and functions alike."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping

from alchemove_codemods.analysis.injecting import injecting
from alchemove_codemods.analysis.knowledge import Knowledge
from alchemove_codemods.analysis.places import function_around
from alchemove_codemods.colours.naming import naming
from alchemove_codemods.colours.roots import routed
from alchemove_codemods.facts import ClassFacts, FunctionFacts, ModuleFacts, local_names
from alchemove_codemods.trees import walk
from alchemove_codemods.values import UNKNOWN, Class, Function, Instance, Value, parts


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

    *named* gives the nodes of a module that have a name, *may_mean* says whether one may refer to a function, *evaluated* what an expression is
    where it stands.
    """

    def __init__(
        self,
        knowledge: Knowledge,
        named: Callable[[ModuleFacts, str], list[ast.AST]],
        may_mean: Callable[[ModuleFacts, ast.AST, FunctionFacts], bool],
        evaluated: Callable[[ModuleFacts, ast.expr], Value],
    ) -> None:
        self._knowledge = knowledge
        self._named = named
        self._may_mean = may_mean
        self._evaluated = evaluated
        self._places: dict[ModuleFacts, frozenset[ast.AST]] = {}
        self._decided: dict[FunctionFacts | ClassFacts, bool] = {}
        self._followed: dict[ast.AST, bool] = {}

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

    def goes_to_fastapi(self, module: ModuleFacts, node: ast.AST) -> bool:
        """Whether *node* of *module*, a function or what makes one, is given to FastAPI, by way of variables if need be."""
        if node in self.places(module):
            return True
        if node in self._followed:
            return self._followed[node]
        self._followed[node] = False  # what is assigned in a circle is not known
        self._followed[node] = self._is_handed_over(module, node)
        return self._followed[node]

    def _is_handed_over(self, module: ModuleFacts, node: ast.AST) -> bool:
        parent = module.source.parents.get(node)
        match parent:
            case ast.IfExp(body=body, orelse=orelse) if node in (body, orelse):
                return self.goes_to_fastapi(module, parent)
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                return self._is_read_for_fastapi(module, parent, name)
            case ast.Return():
                maker = function_around(module, node)
                return maker.owner is None and self.makes_for_fastapi(maker)
        return False

    def _is_read_for_fastapi(self, module: ModuleFacts, statement: ast.stmt, name: str) -> bool:
        """Whether all that reads the variable *name*, which *statement* assigns, gives it to FastAPI."""
        around = function_around(module, statement)
        if isinstance(around.node, ast.Module):
            program = self._knowledge.program
            if statement not in module.source.tree.body or program.unreadable(name):
                return False
            return all(self._is_told(m, n) for m, n in naming(program, module.path, name))
        read = (
            n for n in walk(around.node) if isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Load)
        )
        return name in local_names(around.node) and all(self._is_told(module, n) for n in read)

    def _is_told(self, module: ModuleFacts, node: ast.AST) -> bool:
        """Whether FastAPI is given *node*, which reads a variable, and all that this may hold there is known."""
        if node not in self.places(module):
            return self.goes_to_fastapi(module, node)
        assert isinstance(node, ast.expr)
        found = self._evaluated(module, node)
        found = self._knowledge.static(module, node) if found is UNKNOWN else found
        return all(isinstance(part, (Function, Class, Instance)) for part in parts(found))

    def makes_for_fastapi(self, maker: FunctionFacts | ClassFacts) -> bool:
        """Whether all that calling *maker* gives is called by FastAPI only: ``Depends(require("admin"))``."""
        if maker not in self._decided:
            self._decided[maker] = False  # one that makes itself is not known
            self._decided[maker] = all(self._is_given(m, n) for m, n in self._uses(maker))
        return self._decided[maker]

    def _uses(self, maker: FunctionFacts | ClassFacts) -> Iterator[tuple[ModuleFacts, ast.AST]]:
        for module in self._mentioning(maker.name):
            for node in self._named(module, maker.name):
                if isinstance(maker, FunctionFacts) and not self._may_mean(module, node, maker):
                    continue
                value = self._knowledge.static(module, node) if isinstance(node, (ast.Name, ast.Attribute)) else None
                match value:
                    case Function(facts=other) | Class(facts=other) if other is not maker:
                        continue
                yield module, node

    def _is_given(self, module: ModuleFacts, node: ast.AST) -> bool:
        call = module.source.parents.get(node)
        if isinstance(call, ast.Call) and call.func is node:
            return self.goes_to_fastapi(module, call)
        return _is_annotation(module, node)  # which makes none

    def _mentioning(self, name: str) -> Iterator[ModuleFacts]:
        program = self._knowledge.program
        return (m for path in program.mentioning(name.encode()) if (m := program.module(path)) is not None)


def _is_annotation(module: ModuleFacts, node: ast.AST) -> bool:
    """Whether *node* of *module* says of what class a value is: ``checked: Allowed``, ``-> Allowed | None``."""
    inner = node
    while (outer := module.source.parents.get(inner)) is not None:
        match outer:
            case ast.Subscript() | ast.Tuple() | ast.BinOp():
                inner = outer
            case ast.arg():
                return True
            case ast.AnnAssign(annotation=said):
                return said is inner
            case ast.FunctionDef(returns=said) | ast.AsyncFunctionDef(returns=said):
                return said is inner
            case _:
                return False
    return False
