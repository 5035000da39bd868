"""Which files of the program import which: by any import anywhere in them, whether it runs or not."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from alchemove_codemods.facts import Binding, ModuleFacts, last_name

if TYPE_CHECKING:
    from alchemove_codemods.program import Program


class ImportGraph:
    """The imports between the files of *program*, read when somebody asks."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._direct: dict[str, frozenset[str]] = {}
        self._reached: dict[str, frozenset[str]] = {}
        self._loaded: dict[str, frozenset[str]] = {}

    def direct(self, path: str) -> frozenset[str]:
        """The files that *path* names in its imports."""
        if path not in self._direct:
            module = self._program.module(path)
            self._direct[path] = frozenset(
                target for node in (module.source.nodes if module else ()) for target in self._targets(module, node)
            )
        return self._direct[path]

    def reached(self, path: str) -> frozenset[str]:
        """The files that importing *path* may import in turn, itself included."""
        if path not in self._reached:
            found = {path}
            pending = [path]
            while pending:
                fresh = self.direct(pending.pop()) - found
                found |= fresh
                pending += fresh
            self._reached[path] = frozenset(found)
        return self._reached[path]

    def loaded(self, path: str) -> frozenset[str]:
        """The files that are imported while *path* is, itself included: not what functions import when they run."""
        if path not in self._loaded:
            found = {path}
            pending = [path]
            while pending:
                fresh = set(self._at_once(pending.pop())) - found
                found |= fresh
                pending += fresh
            self._loaded[path] = frozenset(found)
        return self._loaded[path]

    def _at_once(self, path: str) -> Iterator[str]:
        module = self._program.module(path)
        bindings = [b for bound in module.bindings.values() for b in bound] if module is not None else []
        for node in {id(b.node): b.node for b in bindings if b.kind == "import" and not b.checking}.values():
            yield from self._targets(module, node)

    def _targets(self, module: ModuleFacts | None, node: ast.AST) -> Iterator[str]:
        assert module is not None
        match node:
            case ast.Import(names=aliases):
                names = [alias.name for alias in aliases]
            case ast.ImportFrom(module=name, names=aliases, level=level):
                outer = self._program.absolute(Binding("import", node, name or "", None, level), module)
                separator = "/" if outer.startswith("/") else "."
                names = [outer, *(f"{outer}{separator}{alias.name}" for alias in aliases)]
            case ast.Call(func=called, args=[ast.Constant(value=str(name)), *_]) if (
                last_name(called) == "import_module"
            ):
                level = len(name) - len(name.lstrip("."))
                names = [self._program.absolute(Binding("import", node, name[level:], None, level), module)]
            case _:
                return
        for name in names:
            path = self._program.locate(name, module.path)
            if path is not None:
                yield path
