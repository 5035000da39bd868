"""Where a new import statement stands in a file: among its own kind, in the order that the file keeps."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Set as AbstractSet
from functools import cached_property

from alchemove_codemods.facts import ModuleFacts
from alchemove_codemods.program import Program
from alchemove_codemods.rewrite.edits import Edits
from alchemove_codemods.trees import walk


class ImportPlaces:
    """The import statements of one file, and the places between them."""

    def __init__(self, module: ModuleFacts, program: Program) -> None:
        self._module = module
        self._program = program
        self.needed_at: int | None = None
        """Where the first of what needs an import begins; what stands behind it may come too late."""

    @property
    def running(self) -> list[ast.Import | ast.ImportFrom]:
        """The imports of the module level that run, and do so in time; those below ``try`` come last."""
        return [n for n in self._running if not self.is_late(n)]

    @cached_property
    def guarded(self) -> frozenset[ast.stmt]:
        """The imports that may fail, and the program goes on: what is added to one, or behind it, fails with it."""
        attempts = [n for n in _blocks(self._module.source.tree.body) if isinstance(n, ast.Try) and n.handlers]
        return frozenset(n for attempt in attempts for n in _blocks(attempt.body))

    def runs(self, node: ast.AST) -> bool:
        """Whether the import *node* runs for certain, if the program goes on: not one below ``if``, or of a handler."""
        return node in self._running

    def is_late(self, node: ast.AST) -> bool:
        """Whether *node* may run only when its names have been needed already."""
        return self.needed_at is not None and self._module.source.start(node) > self.needed_at

    @cached_property
    def _running(self) -> list[ast.Import | ast.ImportFrom]:
        """The imports of the module level that run: those below ``try`` and ``with``, but not those for type checkers."""
        body = self._module.source.tree.body
        checking: set[ast.AST] = set()
        for node in body:
            if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
                checking.update(inner for part in node.body for inner in walk(part))
        imports = [n for n in _blocks(body) if isinstance(n, (ast.Import, ast.ImportFrom)) and n not in checking]
        own = set(body)
        return sorted(imports, key=lambda n: n not in own)

    def insert(self, edits: Edits, package: str, line: str, vanishing: AbstractSet[ast.stmt]) -> None:
        """Add the import *line* from *package* where the file keeps its imports of that kind; *vanishing* ones are no place to stand behind."""
        source = self._module.source
        body = source.tree.body
        same = [n for n in self.running if top_package(n) == (package.split(".", maxsplit=1)[0] or ".")]
        same = [n for n in same if n in body] or same
        anchor, after = None, True
        if same:
            later = [n for n in same if isinstance(n, ast.ImportFrom) and package_of(n) > package]
            anchor, after = (later[0], False) if later else (same[-1], True)
            if same[0] in self.guarded:
                anchor, after = same[0], False
        else:
            top = [n for n in body if isinstance(n, (ast.Import, ast.ImportFrom)) and not self.is_late(n)]
            leading = _leading(body)
            top = [n for n in top if n in leading] or top
            outside = [
                n
                for n in top
                if not self._is_local(n)
                and top_package(n) not in sys.stdlib_module_names
                and top_package(n) != "__future__"
            ]
            local = [n for n in top if self._is_local(n)]
            if local and self._program.find_module(package, self._module.path) is not None:
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
                line = line if top_package(top[-1]) not in sys.stdlib_module_names else source.newline + line
        if anchor is None:
            self._insert_first(edits, line)
            return
        if after and anchor not in vanishing:
            self.insert_after(edits, anchor, line)
        else:
            # Nothing can be put behind what is no longer there, but where it begins.
            start = source.start(anchor)
            indent = source.indent_at(start)
            edits.add(start, start, lambda: f"{line}{source.newline}{indent}", "imports")

    def insert_module(self, edits: Edits, line: str) -> None:
        """Add the import of a module of the standard library."""
        source = self._module.source
        leading = [
            n
            for n in _leading(source.tree.body)
            if isinstance(n, (ast.Import, ast.ImportFrom)) and top_package(n) != "__future__"
        ]
        standard = [n for n in leading if top_package(n) in sys.stdlib_module_names and not self._is_local(n)]
        earlier = [n for n in standard if isinstance(n, ast.Import) and f"import {n.names[0].name}" < line]
        if earlier:
            self.insert_after(edits, earlier[-1], line)
        elif leading:
            first = (standard or leading)[0]
            separator = source.newline if standard else source.newline * 2
            edits.add(source.start(first), source.start(first), lambda: f"{line}{separator}", "imports")
        else:
            self._insert_first(edits, line)

    def insert_after(self, edits: Edits, anchor: ast.stmt, line: str) -> None:
        """Add the import *line* behind the statement *anchor*, and behind its comment."""
        source = self._module.source
        end = source.end(anchor)
        rest = re.compile(r"[ \t]*(;[^\r\n]*|#[^\r\n]*)?").match(source.text, end)
        end = rest.end() if rest else end
        indent = source.indent_at(source.start(anchor)) if not line.startswith(source.newline) else ""
        edits.add(end, end, lambda: f"{source.newline}{indent}{line}", "imports")

    def _insert_first(self, edits: Edits, line: str) -> None:
        source, body = self._module.source, self._module.source.tree.body
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

    def is_alike(self, package: str, statement: ast.ImportFrom) -> bool:
        """Whether an import from *package* may stand where *statement* stands."""
        if package.split(".", maxsplit=1)[0] == top_package(statement):
            return True
        ours = package.startswith(".") or self._program.find_module(package, self._module.path) is not None
        return ours and self._is_local(statement)

    def _is_local(self, node: ast.stmt) -> bool:
        if isinstance(node, ast.ImportFrom):
            return (
                bool(node.level)
                or self._program.find_module(node.module or "", self._module.path) is not None
                or self._program.is_namespace((node.module or "").split(".")[0], self._module.path)
            )
        if isinstance(node, ast.Import):
            return self._program.find_module(node.names[0].name, self._module.path) is not None
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


def _blocks(body: list[ast.stmt]) -> list[ast.stmt]:
    found: list[ast.stmt] = []
    for node in body:
        found.append(node)
        if isinstance(node, (ast.Try, ast.With)):
            found += _blocks(node.body)
    return found


def top_package(node: ast.stmt) -> str:
    """The first part of the package that *node* imports (from), a dot for relative imports."""
    if isinstance(node, ast.ImportFrom):
        return "." if node.level else (node.module or "").split(".")[0]
    return node.names[0].name.split(".")[0] if isinstance(node, ast.Import) else ""


def package_of(node: ast.ImportFrom) -> str:
    """The package that *node* imports from, as it says it."""
    return "." * node.level + (node.module or "")


def _order(node: ast.stmt) -> str:
    if isinstance(node, ast.ImportFrom):
        return (node.module or "").lower()
    return node.names[0].name.lower() if isinstance(node, ast.Import) else ""
