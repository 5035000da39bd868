"""Names of SQLAlchemy in one file: how they can be written there, and the imports that takes."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Sequence
from functools import cached_property, lru_cache, partial
from typing import Any

from alchemove_codemods.facts import Binding, ModuleFacts, local_names, stored_names
from alchemove_codemods.program import Program
from alchemove_codemods.rewrite.edits import Edits
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

    def __init__(self, module: ModuleFacts, program: Program) -> None:
        self.module = module
        self.program = program
        self.needed: dict[tuple[str, str], str] = {}
        self.aliased: dict[tuple[str, str], str] = {}
        """What is imported under another name besides, for functions that have a variable of its own name."""
        self.needed_locally: dict[tuple[ast.ImportFrom, str, str], str] = {}
        self.removable: set[str] = set()
        self._vanishing: set[ast.stmt] = set()

    def use(self, symbol: str, package: str = "sqlalchemy") -> str:
        """How to write ``package.symbol`` in this file; an import is added when the edits are applied."""
        key = (package, symbol)
        if key in self.needed:
            return self.needed[key]
        existing = self._existing(symbol, package)
        if existing is not None:
            return existing
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
                ):
                    return local
        if package in sys.stdlib_module_names and self._imports_module(package):
            return f"{package}.{symbol}"
        has_from = any(n.module in packages for n in self.import_froms(all_levels=False))
        if package == "sqlalchemy" and not has_from:
            for local, bindings in self.module.bindings.items():
                binding = bindings[0]
                if (
                    binding.kind == "import"
                    and binding.attribute is None
                    and binding.module == "sqlalchemy"
                    and local not in self._local_bindings
                    and self._at_runtime(bindings)
                ):
                    return f"{local}.{symbol}"
            if not self._mentions_sqlalchemy:
                for local in self.module.bindings:
                    value = self.program.lookup(self.module, local)
                    if local not in self._local_bindings and isinstance(value, Instance) and value.cls == _FLASK:
                        return f"{local}.{symbol}"
        return None

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
    def _mentions_sqlalchemy(self) -> bool:
        return any((n.module or "").split(".")[0] == "sqlalchemy" for n in self.import_froms(all_levels=False)) or any(
            b.kind == "import" and b.module.split(".")[0] == "sqlalchemy"
            for bs in self.module.bindings.values()
            for b in bs
        )

    @cached_property
    def _type_checking(self) -> frozenset[ast.AST]:
        found: set[ast.AST] = set()
        for node in self.module.source.tree.body:
            if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
                found.update(inner for part in node.body for inner in walk(part))
        return frozenset(found)

    @cached_property
    def _local_bindings(self) -> frozenset[str]:
        """Names that some function of the file binds for itself, so that a global of that name is hidden there."""
        return _bound_in_functions(self.module.source)

    def _free(self, name: str) -> bool:
        return name not in self.module.bindings and name not in self._local_bindings and not self._used_otherwise(name)

    def _used_otherwise(self, name: str) -> bool:
        """Whether the file reads *name* already (a builtin, a star import)."""
        return name in self.module.source.names

    def import_froms(self, all_levels: bool = True) -> list[ast.ImportFrom]:
        """The ``from`` imports of the module level that run, relative ones included unless *all_levels* is False."""
        return [
            node
            for node in self._blocks(self.module.source.tree.body)
            if isinstance(node, ast.ImportFrom) and (all_levels or not node.level) and node not in self._type_checking
        ]

    def _blocks(self, body: list[ast.stmt]) -> list[ast.stmt]:
        found: list[ast.stmt] = []
        for node in body:
            found.append(node)
            if isinstance(node, (ast.Try, ast.With)):
                found.extend(self._blocks(node.body))
        return found

    # edits ---------------------------------------------------------------------------------------------------------

    def add_edits(self, edits: Edits) -> None:
        """Add what the imports need to *edits*."""
        by_module: dict[str, list[tuple[str, str]]] = {}
        for (package, symbol), local in [*self.needed.items(), *self.aliased.items()]:
            if not symbol:
                self._insert_module(edits, f"import {package}" + (f" as {local}" if local != package else ""))
                continue
            by_module.setdefault(package, []).append((symbol, local))
        taken = {name for package in by_module for _, name in by_module[package]}
        removed = self._removals(taken)
        fresh: dict[str, list[str]] = {}
        for package, names in sorted(by_module.items()):
            written = [symbol if symbol == local else f"{symbol} as {local}" for symbol, local in sorted(names)]
            statement = next(
                (n for n in self.import_froms() if _written(n) == package and n.names[0].name != "*"),
                None,
            )
            if statement is None:
                fresh[package] = written
            else:
                gone = removed.pop(statement, set())
                self._change(edits, statement, written, gone)
        for statement, gone in removed.items():
            alike = [p for p in fresh if self._is_alike(p, statement)]
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
                    self._vanishing.add(statement)
                self._change(edits, statement, [], gone)
        for package, written in sorted(fresh.items(), reverse=True):
            self._insert(edits, package, f"from {package} import {', '.join(written)}")
        for node, package, name in self.needed_locally:
            if _written(node) == package:
                self._change(edits, node, [name], set())
            else:
                self._insert_after(edits, node, f"from {package} import {name}")

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
            if used > left == imported and not self._imported_elsewhere(local):
                self.removable.add(local)

    def drop_unneeded(self, names: Sequence[str], text: str) -> None:
        """Have the imports of those *names* removed that the file used and *text*, which takes its place, does not."""
        for local in names:
            if self.module.path.endswith("__init__.py") or self._imported_elsewhere(local):
                continue
            word = re.compile(rf"\b{local}\b")
            imported = len(word.findall(self.module.source.segment(self.module.bindings[local][0].node)))
            if len(word.findall(self.module.source.text)) > len(word.findall(text)) == imported:
                self.removable.add(local)

    def _imported_elsewhere(self, name: str) -> bool:
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

    def _change(self, edits: Edits, node: ast.ImportFrom, names: list[str], gone: set[str]) -> None:
        """Add *names* to an import and remove those that are *gone*, in its own style."""
        source = self.module.source
        aliases = [a for a in node.names if (a.asname or a.name) not in gone]
        if not aliases and not names:
            start, end = source.start(node), source.end(node)
            line_end = re.compile(r"[ \t]*(\r\n|\n|\r)?").match(source.text, end)
            alone = (
                source.text[source.starts[node.lineno - 1] : start].strip() == ""
                and line_end is not None
                and line_end.group(1)
            )
            if alone and node in source.tree.body:
                edits.add(start, line_end.end() if line_end else end, lambda: "", "imports")
            else:
                edits.add(start, end, lambda: "pass", "imports")
            return
        first, last = node.names[0], node.names[-1]
        stacked = last.lineno != first.lineno and all(a.lineno != b.lineno for a, b in zip(node.names, node.names[1:]))
        ordered = _is_sorted([a.name for a in node.names])
        for alias in node.names:
            if (alias.asname or alias.name) in gone:
                self._remove(edits, node, alias, stacked)
        last_names: list[str] = []
        for name in names:
            bare = name.split(" ")[0]
            after = [a for a in aliases if ordered and ordered(a.name) > ordered(bare)]
            if after:
                indent = source.text[source.starts[after[0].lineno - 1] : source.start(after[0])]
                separator = f",{source.newline}{indent}" if stacked and not indent.strip() else ", "
                text = f"{name}{separator}"
                edits.add(source.start(after[0]), source.start(after[0]), lambda text=text: text, "imports")  # type: ignore[misc]
            else:
                last_names.append(name)
        if last_names and aliases:
            self._append(edits, node, aliases[-1], last_names, stacked)
        elif last_names:
            edits.add(source.start(first), source.start(first), lambda: ", ".join(last_names), "imports")

    def _append(self, edits: Edits, node: ast.ImportFrom, last: ast.alias, names: list[str], stacked: bool) -> None:
        source = self.module.source
        end = source.end(last)
        if not stacked:
            edits.add(end, end, lambda: "".join(f", {name}" for name in names), "imports")
            return
        indent = source.text[source.starts[last.lineno - 1] : source.start(last)]
        rest = re.compile(r"([ \t]*,)?([ \t]*(?:#[^\r\n]*)?)").match(source.text, end)
        assert rest is not None
        comma, comment = rest.group(1), rest.group(2)
        trailing = "," if comma else ""
        added = f",{source.newline}{indent}".join(names)
        edits.add(end, rest.end(), lambda: f",{comment.rstrip()}{source.newline}{indent}{added}{trailing}", "imports")

    def _remove(self, edits: Edits, node: ast.ImportFrom, alias: ast.alias, stacked: bool) -> None:
        source = self.module.source
        start, end = source.start(alias), source.end(alias)
        following = re.compile(r"[ \t]*,[ \t]*").match(source.text, end)
        if stacked:
            line = re.compile(r"[ \t]*,?[ \t]*(#[^\r\n]*)?(\r\n|\n|\r)").match(source.text, end)
            if line is not None and alias is not node.names[-1]:
                edits.add(source.starts[alias.lineno - 1], line.end(), lambda: "", "imports")
                return
        if following is not None and alias is not node.names[-1]:
            edits.add(start, following.end(), lambda: "", "imports")
            return
        before = source.text.rfind(",", 0, start)
        if before > source.start(node):
            edits.add(before, end, lambda: "", "imports")
        else:
            edits.add(start, following.end() if following else end, lambda: "", "imports")

    def _insert(self, edits: Edits, package: str, line: str) -> None:
        """Add an import statement where the file keeps its imports of that kind."""
        source = self.module.source
        body = source.tree.body
        relatives = [
            n
            for n in self._blocks(body)
            if isinstance(n, (ast.Import, ast.ImportFrom)) and n not in self._type_checking
        ]
        same = [n for n in relatives if _top(n) == (package.split(".", maxsplit=1)[0] or ".")]
        anchor, after = None, True
        if same:
            later = [n for n in same if isinstance(n, ast.ImportFrom) and _written(n) > package]
            anchor, after = (later[0], False) if later else (same[-1], True)
        else:
            top = [n for n in body if isinstance(n, (ast.Import, ast.ImportFrom))]
            leading = _leading(body)
            top = [n for n in top if n in leading] or top
            outside = [
                n
                for n in top
                if not self._is_local(n) and _top(n) not in sys.stdlib_module_names and _top(n) != "__future__"
            ]
            local = [n for n in top if self._is_local(n)]
            if local and self.program.find_module(package, self.module.path) is not None:
                following = [n for n in local if _order(n) > package.lower()]
                anchor, after = (following[0], False) if following else (local[-1], True)
            elif outside:
                earlier = [n for n in outside if _order(n) <= (package.lower())]
                anchor, after = (earlier[-1], True) if earlier else (outside[0], False)
            elif local:
                anchor, after = local[0], False
                line += source.newline
            elif top:
                anchor, after = top[-1], True
                line = line if _top(top[-1]) not in sys.stdlib_module_names else source.newline + line
        if anchor is None:
            self._insert_first(edits, line)
            return
        if after and anchor not in self._vanishing:
            self._insert_after(edits, anchor, line)
        else:
            # Nothing can be put behind what is no longer there, but where it begins.
            start = source.start(anchor)
            indent = source.indent_at(start)
            edits.add(start, start, lambda: f"{line}{source.newline}{indent}", "imports")

    def _insert_module(self, edits: Edits, line: str) -> None:
        """Add the import of a module of the standard library."""
        source = self.module.source
        leading = [
            n
            for n in _leading(source.tree.body)
            if isinstance(n, (ast.Import, ast.ImportFrom)) and _top(n) != "__future__"
        ]
        standard = [n for n in leading if _top(n) in sys.stdlib_module_names and not self._is_local(n)]
        earlier = [n for n in standard if isinstance(n, ast.Import) and f"import {n.names[0].name}" < line]
        if earlier:
            self._insert_after(edits, earlier[-1], line)
        elif leading:
            first = (standard or leading)[0]
            separator = source.newline if standard else source.newline * 2
            edits.add(source.start(first), source.start(first), lambda: f"{line}{separator}", "imports")
        else:
            self._insert_first(edits, line)

    def _insert_after(self, edits: Edits, anchor: ast.stmt, line: str) -> None:
        source = self.module.source
        end = source.end(anchor)
        rest = re.compile(r"[ \t]*(;[^\r\n]*|#[^\r\n]*)?").match(source.text, end)
        end = rest.end() if rest else end
        indent = source.indent_at(source.start(anchor)) if not line.startswith(source.newline) else ""
        edits.add(end, end, lambda: f"{source.newline}{indent}{line}", "imports")

    def _insert_first(self, edits: Edits, line: str) -> None:
        source, body = self.module.source, self.module.source.tree.body
        if (
            body
            and isinstance(body[0], ast.Expr)
            and isinstance(body[0].value, ast.Constant)
            and isinstance(body[0].value.value, str)
        ):
            end = source.end(body[0])
            edits.add(end, end, lambda: f"{source.newline}{source.newline}{line}", "imports")
            return
        start = source.starts[min(_first_line(body[0]) - 1, len(source.starts) - 1)] if body else 0
        edits.add(start, start, lambda: f"{line}{source.newline}{source.newline}", "imports")

    def _is_alike(self, package: str, statement: ast.ImportFrom) -> bool:
        """Whether an import from *package* may stand where *statement* stands."""
        if package.split(".", maxsplit=1)[0] == _top(statement):
            return True
        ours = package.startswith(".") or self.program.find_module(package, self.module.path) is not None
        return ours and self._is_local(statement)

    def _is_local(self, node: ast.stmt) -> bool:
        if isinstance(node, ast.ImportFrom):
            return (
                bool(node.level)
                or self.program.find_module(node.module or "", self.module.path) is not None
                or self.program.is_namespace((node.module or "").split(".")[0], self.module.path)
            )
        if isinstance(node, ast.Import):
            return self.program.find_module(node.names[0].name, self.module.path) is not None
        return False


def _first_line(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(d.lineno for d in decorators)])


def _leading(body: list[ast.stmt]) -> list[ast.stmt]:
    """The imports at the head of the module, before its first other statement."""
    found: list[ast.stmt] = []
    for index, node in enumerate(body):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            found.append(node)
        elif index == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        elif found:
            break
    return found


def _top(node: ast.stmt) -> str:
    if isinstance(node, ast.ImportFrom):
        return "." if node.level else (node.module or "").split(".")[0]
    return node.names[0].name.split(".")[0] if isinstance(node, ast.Import) else ""


def _written(node: ast.ImportFrom) -> str:
    return "." * node.level + (node.module or "")


def _order(node: ast.stmt) -> str:
    if isinstance(node, ast.ImportFrom):
        return (node.module or "").lower()
    return node.names[0].name.lower() if isinstance(node, ast.Import) else ""


def _is_sorted(names: list[str]) -> Callable[[str], Any] | None:
    """The key by which *names* are sorted, None if they are not."""
    for key in (_isort, str.lower, str):
        if [key(n) for n in names] == sorted(key(n) for n in names):
            return key
    return None


def _isort(name: str) -> tuple[int, str]:
    """Isort's order: CONSTANTS, Classes, functions."""
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    return kind, name


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
