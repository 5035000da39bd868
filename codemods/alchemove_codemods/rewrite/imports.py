"""Names of SQLAlchemy in one file: how they can be written there, and the imports that takes."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Sequence
from functools import cached_property, lru_cache, partial

from alchemove_codemods.facts import Binding, ModuleFacts, local_names, stored_names
from alchemove_codemods.program import Program
from alchemove_codemods.rewrite.edits import Edits
from alchemove_codemods.rewrite.from_imports import change
from alchemove_codemods.rewrite.import_places import ImportPlaces, package_of
from alchemove_codemods.rewrite.optional_imports import works_without
from alchemove_codemods.rewrite.star_imports import hides
from alchemove_codemods.rewrite.views import Refused
from alchemove_codemods.source import Source
from alchemove_codemods.trees import walk
from alchemove_codemods.values import Instance

_SAME = {
    "sqlalchemy": frozenset(
        {"sqlalchemy", "sqlalchemy.sql", "sqlalchemy.sql.expression", "sqlalchemy.future", "sqlalchemy.sql.functions"}
    ),
    "sqlalchemy.orm": frozenset(
        {"sqlalchemy.orm", "sqlalchemy.orm.session", "sqlalchemy.orm.util", "sqlalchemy.orm.strategy_options"}
    ),
}
_FLASK = "flask_sqlalchemy.SQLAlchemy"


class Imports:
    """Finds or makes a name for what an edit needs."""

    def __init__(self, module: ModuleFacts, program: Program, *, deciding: bool = False) -> None:
        self.module = module
        self.program = program
        self._deciding = deciding
        self.needed: dict[tuple[str, str], str] = {}
        self.aliased: dict[tuple[str, str], str] = {}
        """What is imported under another name besides, for functions that have a variable of its own name."""
        self.needed_locally: dict[tuple[ast.ImportFrom, str, str], str] = {}
        self.removable: set[str] = set()
        self._places = ImportPlaces(module, program)
        self._found: dict[tuple[str, str], Binding] = {}
        """What was asked for and has a name in the file already, by the import that gives it."""

    def use(self, symbol: str, package: str = "sqlalchemy") -> str:
        """How to write ``package.symbol`` in this file; an import is added when the edits are applied.

        While it is decided what is rewritten, :exc:`Refused` is raised where that import could fail.
        """
        key = (package, symbol)
        if key in self.needed:
            return self.needed[key]
        existing = self._existing(symbol, package)
        if existing is not None:
            return existing
        if self._deciding and package.startswith("sqlalchemy") and self._works_without:
            raise Refused("optional-import")
        prefix = "sa" if package.startswith("sqlalchemy") else package.rsplit(".", 1)[-1]
        local = symbol if self._free(symbol) else f"{prefix}_{symbol}"
        self.needed[key] = local
        return local

    def use_module(self, name: str) -> str:
        """How to write the module *name* in this file; ``import name`` is added when the edits are applied."""
        for local, bindings in self.module.bindings.items():
            binding = bindings[0]
            if (
                binding.kind == "import"
                and binding.attribute is None
                and not binding.level
                and binding.module == name
                and local not in self._local_bindings
                and self._at_runtime(bindings)
            ):
                return local
        local = name if self._free(name) or (name, "") in self.needed else f"{name}_"
        self.needed[name, ""] = local
        return local

    def of_program(self, name: str, source: ModuleFacts) -> str:
        """How to write the global *name* of *source* here, with an import of its own where that takes one."""
        if source is self.module:
            return name
        wanted = (source.path, name)
        for local in self.module.bindings:
            if self.program.origin(self.module, local) == wanted and local not in self._local_bindings:
                return local
        key = (self.program.dotted(source.path, self.module), name)
        if key not in self.needed:
            self.needed[key] = name if self._free(name) else f"{name}_"
        return self.needed[key]

    def _existing(self, symbol: str, package: str) -> str | None:
        packages = _SAME.get(package, frozenset({package}))
        for local, bindings in self.module.bindings.items():
            for binding in bindings:
                if (
                    (
                        binding.kind == "import"
                        and binding.attribute == symbol
                        and not binding.level
                        and binding.module in packages | self._compatible(symbol)
                    )
                    and local not in self._local_bindings
                    and self._at_runtime(bindings)
                    and self._places.runs(binding.node)
                ):
                    self._found[package, symbol] = binding
                    return local
        if package in sys.stdlib_module_names and self._imports_module(package):
            return f"{package}.{symbol}"
        has_from = any(n.module in packages for n in self.from_imports if not n.level)
        if package == "sqlalchemy" and not has_from:
            for local, bindings in self.module.bindings.items():
                binding = bindings[0]
                if (
                    binding.kind == "import"
                    and binding.attribute is None
                    and binding.module == "sqlalchemy"
                    and local not in self._local_bindings
                    and self._at_runtime(bindings)
                    and self._places.runs(binding.node)
                ):
                    self._found[package, ""] = binding
                    return f"{local}.{symbol}"
            if not self._mentions_sqlalchemy:
                found = [local for local in self.module.bindings if self._is_extension(local)]
                if len(found) == 1:
                    return f"{found[0]}.{symbol}"
        return None

    def _is_extension(self, local: str) -> bool:
        value = self.program.lookup(self.module, local)
        return local not in self._local_bindings and isinstance(value, Instance) and value.cls == _FLASK

    def _imports_module(self, package: str) -> bool:
        bindings = self.module.bindings.get(package, [])
        return (
            any(b.kind == "import" and b.attribute is None and b.module == package for b in bindings)
            and package not in self._local_bindings
            and self._at_runtime(bindings)
        )

    @staticmethod
    def _at_runtime(bindings: list[Binding]) -> bool:
        """Whether a name is bound to one thing when the program runs: TYPE_CHECKING says what, another binding makes it so."""
        outside = [b for b in bindings if not b.checking]
        return len(outside) == 1

    @staticmethod
    def _compatible(symbol: str) -> frozenset[str]:
        return (
            frozenset({"sqlmodel"})
            if symbol in ("func", "literal_column", "delete", "update", "union", "union_all")
            else frozenset()
        )

    @cached_property
    def _works_without(self) -> bool:
        return works_without(self.program, self.module)

    @cached_property
    def _mentions_sqlalchemy(self) -> bool:
        return any((n.module or "").split(".")[0] == "sqlalchemy" for n in self.from_imports if not n.level) or any(
            b.kind == "import" and b.module.split(".")[0] == "sqlalchemy"
            for bs in self.module.bindings.values()
            for b in bs
        )

    @cached_property
    def _local_bindings(self) -> frozenset[str]:
        """Names that some function of the file binds for itself, so that a global of that name is hidden there."""
        return _bound_in_functions(self.module.source)

    def _free(self, name: str) -> bool:
        return (
            name not in self.module.bindings
            and name not in self._local_bindings
            and not self._used_otherwise(name)
            and not hides(self.program, self.module, name)
        )

    def _used_otherwise(self, name: str) -> bool:
        """Whether the file reads *name* already (a builtin, a star import)."""
        return name in self.module.source.names

    @property
    def from_imports(self) -> list[ast.ImportFrom]:
        """The ``from`` imports of the module level that run."""
        return [n for n in self._places.running if isinstance(n, ast.ImportFrom)]

    def add_edits(self, edits: Edits) -> None:
        """Add what the imports need to *edits*."""
        self._places.needed_at = min((start for start, _ in edits.spans), default=None)
        by_module: dict[str, list[tuple[str, str]]] = {}
        for (package, symbol), found in self._found.items():
            if not self._places.is_late(found.node):
                continue
            # The file has the name, but only later: it is imported once more.
            if found.attribute is None:
                self._places.insert(edits, package, self.module.source.segment(found.node), set())
            else:
                by_module.setdefault(package, []).append((symbol, _local(found, symbol)))
        for (package, symbol), local in [*self.needed.items(), *self.aliased.items()]:
            if not symbol:
                self._places.insert_module(edits, f"import {package}" + (f" as {local}" if local != package else ""))
                continue
            by_module.setdefault(package, []).append((symbol, local))
        taken = {name for package in by_module for _, name in by_module[package]}
        removed = self._removals(taken)
        fresh: dict[str, list[str]] = {}
        vanishing: set[ast.stmt] = set()
        for package, names in sorted(by_module.items()):
            written = [symbol if symbol == local else f"{symbol} as {local}" for symbol, local in sorted(names)]
            open_ones = (n for n in self.from_imports if n not in self._places.guarded and n.names[0].name != "*")
            statement = next((n for n in open_ones if package_of(n) == package), None)
            if statement is None:
                fresh[package] = written
            else:
                gone = removed.pop(statement, set())
                change(self.module.source, edits, statement, written, gone)
        for statement, gone in removed.items():
            alike = [p for p in fresh if self._places.is_alike(p, statement)]
            if alike and len(gone) == len(statement.names):
                package = min(alike, key=lambda p: (p != "sqlalchemy", p))
                line = f"from {package} import {', '.join(fresh.pop(package))}"
                edits.add(
                    self.module.source.start(statement),
                    self.module.source.end(statement),
                    partial(str, line),
                    "imports",
                )
            else:
                if len(gone) == len(statement.names):
                    vanishing.add(statement)
                change(self.module.source, edits, statement, [], gone)
        for package, written in sorted(fresh.items(), reverse=True):
            self._places.insert(edits, package, f"from {package} import {', '.join(written)}", vanishing)
        for node, package, name in self.needed_locally:
            if package_of(node) == package:
                change(self.module.source, edits, node, [name], set())
            else:
                self._places.insert_after(edits, node, f"from {package} import {name}")

    def keep_used(self, texts: list[str]) -> None:
        """Forget what was asked for, but is in none of *texts* after all."""
        for names in (self.needed, self.aliased):
            for key, local in list(names.items()):
                word = re.compile(rf"\b{local}\b")
                if not any(word.search(text) for text in texts):
                    del names[key]
        for local_key, local in list(self.needed_locally.items()):
            if not any(re.search(rf"\b{local}\b", text) for text in texts):
                del self.needed_locally[local_key]

    def drop_unused(self, symbol: str, text: str) -> None:
        """Have the import of the ORM's *symbol* removed if the file used it and *text*, which takes its place, does not."""
        for local, bindings in self.module.bindings.items():
            if (
                len(bindings) != 1
                or bindings[0].kind != "import"
                or bindings[0].attribute != symbol
                or bindings[0].level
            ):
                continue
            if bindings[0].module not in _SAME["sqlalchemy.orm"] | {
                "sqlalchemy.orm.query"
            } or self.module.path.endswith("__init__.py"):
                continue
            word = re.compile(rf"\b{local}\b")
            used, left = len(word.findall(self.module.source.text)), len(word.findall(text))
            imported = len(word.findall(self.module.source.segment(bindings[0].node)))
            if used > left == imported and not self.imported_elsewhere(local):
                self.removable.add(local)

    def drop_unneeded(self, names: Sequence[str], text: str) -> None:
        """Have the imports of those *names* removed that the file used and *text*, which takes its place, does not."""
        for local in names:
            if self.module.path.endswith("__init__.py") or self.imported_elsewhere(local):
                continue
            word = re.compile(rf"\b{local}\b")
            imported = len(word.findall(self.module.source.segment(self.module.bindings[local][0].node)))
            if len(word.findall(self.module.source.text)) > len(word.findall(text)) == imported:
                self.removable.add(local)

    def imported_elsewhere(self, name: str) -> bool:
        """Whether another file takes *name* from this one."""
        for path in self.program.naming(name):
            other = self.program.module(path)
            if other is None or other is self.module:
                continue
            for node in other.source.of_kind(ast.ImportFrom):
                if (
                    any(a.name in (name, "*") for a in node.names)
                    and self.program.locate(self.program.absolute(_binding(node), other), path) == self.module.path
                ):
                    return True
        return False

    def _removals(self, taken: set[str]) -> dict[ast.ImportFrom, set[str]]:
        found: dict[ast.ImportFrom, set[str]] = {}
        for name in self.removable - taken:
            for binding in self.module.bindings.get(name, ()):
                if isinstance(binding.node, ast.ImportFrom):
                    found.setdefault(binding.node, set()).add(name)
        return found


def _local(binding: Binding, symbol: str) -> str:
    """The name that the ``from`` import *binding* gives to *symbol*."""
    aliases = (a for a in getattr(binding.node, "names", ()) if a.name == symbol)
    return next((a.asname or a.name for a in aliases), symbol)


def _binding(node: ast.ImportFrom) -> Binding:
    return Binding("import", node, node.module or "", None, node.level)


@lru_cache(maxsize=1 << 12)
def _bound_in_functions(source: Source) -> frozenset[str]:
    found: set[str] = set()
    for function in (*source.of_kind(ast.FunctionDef), *source.of_kind(ast.AsyncFunctionDef)):
        found |= local_names(function)
    for anonymous in source.of_kind(ast.Lambda):
        found.update(a.arg for a in walk(anonymous.args) if isinstance(a, ast.arg))
    for comprehension in source.of_kind(ast.comprehension):
        found.update(stored_names(comprehension.target))
    return frozenset(found)
