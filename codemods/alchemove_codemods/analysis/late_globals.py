"""Globals that functions give their values: ``db = None`` in the module, and ``global db; db = SQLAlchemy()`` in what is called first."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from alchemove_codemods.analysis.names import BASE_MAKERS
from alchemove_codemods.facts import Binding, FunctionFacts, ModuleFacts, last_name
from alchemove_codemods.trees import walk
from alchemove_codemods.values import BOTTOM, UNKNOWN, Value, queries_in

if TYPE_CHECKING:
    from alchemove_codemods.analysis.knowledge import Knowledge

_MAKERS = BASE_MAKERS | {"sessionmaker", "scoped_session"}

Storing = Mapping[str, list[FunctionFacts]]
"""Names of globals that their module leaves empty, and the functions that assign them."""


class LateGlobals:
    """What functions assign to globals that are None until then; grows while the program is interpreted."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._storing: dict[ModuleFacts, Storing] = {}

    def value(self, module: ModuleFacts, name: str) -> Value:
        """What functions assign to the global *name* of *module*, as far as that is known by now."""
        found = self._of(module).get(name)
        if not found:
            return BOTTOM
        for function in found:
            self._knowledge.require(function)
        self._knowledge.program.cuts += 1  # it may become more
        return self._knowledge.read("global", module, name, None)

    def assign(self, function: FunctionFacts, name: str, value: Value) -> None:
        """*function* assigns *value* to the variable *name*: what has read the global of that name is interpreted again."""
        if function not in self._of(function.module).get(name, ()):
            return
        knowledge = self._knowledge
        known = knowledge.read("global", function.module, name, None)
        knowledge.write("global", function.module, name, UNKNOWN if queries_in(value) else value)
        if knowledge.read("global", function.module, name, None) != known:
            for reader in self._reading(name):
                knowledge.schedule(reader)

    def makers(self) -> Iterator[FunctionFacts]:
        """The functions that make extension objects, bases of models and factories of sessions for such globals.

        What a model is gets asked before anything is interpreted, so that these functions have to be interpreted first of all.
        """
        program = self._knowledge.program
        for path in program.mentioning(*(f"{name}(".encode() for name in sorted(_MAKERS))):
            module = program.module(path) if b"global " in program.raw[path] else None
            for function in dict.fromkeys(f for each in self._of(module).values() for f in each) if module else ():
                if any(isinstance(n, ast.Call) and last_name(n.func) in _MAKERS for n in walk(function.node)):
                    yield function

    def _reading(self, name: str) -> Iterator[FunctionFacts]:
        """The functions that were interpreted and hold the word *name*."""
        paths = set(self._knowledge.program.naming(name))
        for reader in list(self._knowledge.interpreted):
            if reader.module.path in paths and any(last_name(n) == name for n in walk(reader.node)):
                yield reader

    def _of(self, module: ModuleFacts) -> Storing:
        if module not in self._storing:
            self._storing[module] = _storing(module)
        return self._storing[module]


def _storing(module: ModuleFacts) -> Storing:
    """The functions that assign globals which *module* itself leaves empty, by the names of these."""
    found: dict[str, list[FunctionFacts]] = {}
    if b"global" not in module.source.raw:
        return found  # most modules: their nodes need not be sorted
    if not any(_is_empty(module, name) for node in module.source.of_kind(ast.Global) for name in node.names):
        return found
    for function in module.functions.values():
        for name in _declared(function):
            if _is_empty(module, name):
                found.setdefault(name, []).append(function)
    return found


def _declared(function: FunctionFacts) -> list[str]:
    """The globals that *function* says it assigns."""
    return [n for node in getattr(function.node, "body", ()) for g in _globals(node) for n in g.names]


def _globals(node: ast.AST) -> Iterator[ast.Global]:
    if isinstance(node, ast.Global):
        yield node
    elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.expr)):
        for inner in ast.iter_child_nodes(node):
            yield from _globals(inner)


def _is_empty(module: ModuleFacts, name: str) -> bool:
    return all(map(_is_none, module.bindings.get(name, ())))


def _is_none(binding: Binding) -> bool:
    return isinstance(binding.node, ast.Constant) and binding.node.value is None
