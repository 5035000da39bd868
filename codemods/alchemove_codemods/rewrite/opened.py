"""What a rule of the stage ``sessions`` is given, and the imports that a file needs and no longer needs afterwards."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import partial

from alchemove_codemods.analysis.transactions.moved import Moved
from alchemove_codemods.analysis.transactions.names import enclosing, local_import
from alchemove_codemods.analysis.transactions.openers import Opener
from alchemove_codemods.analysis.transactions.plans import Plan
from alchemove_codemods.analysis.transactions.scopes import Opening
from alchemove_codemods.analysis.transactions.targets import Target
from alchemove_codemods.facts import Binding, FunctionFacts, ModuleFacts, local_names
from alchemove_codemods.program import Program
from alchemove_codemods.rewrite.alignment import aligned
from alchemove_codemods.rewrite.blocks import Layout
from alchemove_codemods.rewrite.dropped import Dropped
from alchemove_codemods.rewrite.edits import Edits
from alchemove_codemods.rewrite.from_imports import remove
from alchemove_codemods.rewrite.import_places import package_of, top_package
from alchemove_codemods.rewrite.imports import Imports
from alchemove_codemods.rewrite.moved_imports import move
from alchemove_codemods.rewrite.views import Refused
from alchemove_codemods.source import Source
from alchemove_codemods.syntax import parse
from alchemove_codemods.trees import walk


@dataclass(slots=True, eq=False)
class Opened:
    """An opening whose scope can become a block."""

    source: Source
    edits: Edits
    imports: SessionImports
    plan: Plan

    @property
    def opening(self) -> Opening:
        """The call that opens the session."""
        return self.plan.scope.opening

    def block(self) -> None:
        """Make the block. Raises :exc:`Refused` if the new name cannot be had."""
        name = self.imports.name_for(self.opening)
        drops = self.imports.dropping(self.plan)
        around = self.plan.scope.form in ("inside-try", "plain") and self.plan.drops
        Layout(self.source, self.edits, self.plan, f"{name}()", drops if around else "").apply()
        if drops:
            Dropped(self.source, self.edits, self.plan, drops).apply()


class SessionImports:
    """Names for what opens new sessions in one file."""

    def __init__(self, module: ModuleFacts, program: Program) -> None:
        self.module = module
        self.program = program
        self.imports = Imports(module, program)
        self._moved: list[Moved] = []
        self.rehomed: set[Moved] = set()
        """What is imported from where it is now, once the file is finished."""
        self._local: dict[ast.stmt, tuple[str, str, ast.AST]] = {}
        self._replaced: list[tuple[ast.expr, Opener]] = []

    def name_for(self, opening: Opening) -> str:
        """How the new opener is written where *opening* stands; the same as before where that is an attribute or parameter."""
        if opening.held is not None:
            return self.module.source.segment(opening.factory)
        return self._name(opening.function, opening.factory, opening.opener)

    def move(self, moved: Moved) -> None:
        """Import what has moved from where it is now."""
        self._moved.append(moved)

    def dropping(self, plan: Plan) -> str:
        """How the block of *plan* is told to drop what is not committed; empty where it need not be told."""
        if not (plan.drops or plan.drops_before or plan.drops_at_end):
            return ""
        name = self.imports.use("discard_uncommitted", "alchemove")
        inner: FunctionFacts | None = plan.scope.opening.function
        while inner is not None and not isinstance(inner.node, ast.Module):
            if name in local_names(inner.node):
                raise Refused("name-taken", name)
            inner = inner.outer
        return f"{name}({plan.scope.name})"

    def replace(self, edits: Edits, function: FunctionFacts, node: ast.expr, opener: Opener) -> None:
        """Put the new opener in the place of *node*, which names the old one."""
        name = self._name(function, node, opener)
        edits.add(self.module.source.start(node), self.module.source.end(node), lambda: name, "factory")

    def _name(self, function: FunctionFacts, factory: ast.expr, opener: Opener) -> str:
        assert opener.target is not None
        self._replaced.append((factory, opener))
        name = opener.target.name
        holder = enclosing(function, factory.id) if isinstance(factory, ast.Name) else None
        if holder is not None and isinstance(factory, ast.Name):
            binding = local_import(holder, factory.id)
            if (
                binding is not None
                and name not in local_names(holder.node)
                and isinstance(binding.node, ast.ImportFrom)
            ):
                self._local[binding.node] = (factory.id, self._package(opener, binding), holder.node)
                return name
        found = self._global(opener, opener.target)
        inner: FunctionFacts | None = function
        while inner is not None and not isinstance(inner.node, ast.Module):
            if found.split(".")[0] in local_names(inner.node):
                raise Refused("name-taken", found)
            inner = inner.outer
        return found

    def _global(self, opener: Opener, target: Target) -> str:
        if target.module is self.module:
            return target.name
        wanted = self.program.origin(target.module, target.name)
        for local in self.module.bindings:
            if self.program.origin(self.module, local) == wanted:
                return local
        if not self._free(target.name):
            raise Refused("name-taken", target.name)
        self.imports.needed[self._package(opener, None), target.name] = target.name
        return target.name

    def _free(self, name: str) -> bool:
        if name in self.module.bindings:
            return False
        return not any(isinstance(n, ast.Name) and n.id == name for n in walk(self.module.source.tree))

    def _package(self, opener: Opener, binding: Binding | None) -> str:
        """How the module of the new opener is imported here."""
        assert opener.target is not None
        return self._written(opener.target.module.path, opener.home[0], binding)

    def _written(self, target: str, home: str, binding: Binding | None) -> str:
        """How the file *target*, which takes the place of *home*, is imported here: as the file imports its own program."""
        path = _stem(target)
        bindings = (
            [binding]
            if binding is not None
            else [b for bs in self.module.bindings.values() for b in bs if b.kind == "import"]
        )
        for known in bindings:
            located = self.program.locate(self.program.absolute(known, self.module), self.module.path)
            if located is None:
                continue
            if known.level:
                if located == home:
                    return _relative(self.module, path)
                continue
            root = _stem(located).removesuffix(known.module.replace(".", "/"))
            if path.startswith(root):
                return path[len(root) :].replace("/", ".")
        if any(b.level for bs in self.module.bindings.values() for b in bs):
            return _relative(self.module, path)
        return self._by_search(target)

    def _by_search(self, path: str) -> str:
        parts = _stem(path).split("/")
        for index in range(len(parts)):
            dotted = ".".join(parts[index:])
            if self.program.find_module(dotted, self.module.path) == path:
                return dotted
        return ".".join(parts)

    def finished(self, edits: Edits) -> bytes:
        """The new content of the file: *edits* applied, imports added and taken away. Raises SyntaxError or Conflict."""
        source = self.module.source
        self._edit_local(edits)
        text = edits.apply()
        self.imports.keep_used(edits.rendered)
        tree = parse(text)
        read = {n.id for n in walk(tree) if isinstance(n, ast.Name)}
        exported = {n.value for n in walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
        for root, _ in self._replaced:
            while isinstance(root, ast.Attribute):
                root = root.value  # noqa: PLW2901
            if isinstance(root, ast.Name) and root.id not in read | exported and self._removable(root.id):
                self.imports.removable.add(root.id)
        self._move(edits)
        self._insert_beside(edits)
        self.imports.add_edits(edits)
        text = aligned(edits, None)
        parse(text)
        return source.encode(text)

    def _move(self, edits: Edits) -> None:
        """Statements that are changed inside of functions already stay as they are otherwise."""
        for moved in self._moved:
            if moved.node in self._local:
                continue
            binding = Binding("import", moved.node, moved.node.module or "", None, moved.node.level)
            packages = {home: self._written(home, moved.shim, binding) for home in moved.homes}
            top = moved.node in self.module.source.tree.body
            gone = {a.asname or a.name for a in moved.node.names} & self.imports.removable if top else set()
            needed: dict[str, list[str]] = {}
            for (package, symbol), local in self.imports.needed.items() if top else ():
                if package in packages.values():
                    needed.setdefault(package, []).append(symbol if symbol == local else f"{symbol} as {local}")
            if any(package_of(n) in needed for n in self.imports.from_imports):
                needed.clear()
            wanted = dict(needed)
            if move(self.module.source, edits, moved, packages, gone, needed):
                self.rehomed.add(moved)
                self.imports.removable -= gone
                for package in wanted.keys() - needed.keys():
                    self.imports.needed = {k: v for k, v in self.imports.needed.items() if k[0] != package}

    def _insert_beside(self, edits: Edits) -> None:
        """A module of the program that the file imports nothing like is imported where the legacy one is."""
        statements = [n for n in self.module.source.tree.body if isinstance(n, (ast.Import, ast.ImportFrom))]
        tops = {top_package(n) for n in statements}
        for (package, symbol), local in list(self.imports.needed.items()):
            if package == "alchemove" or package.split(".", 1)[0] in tops or (package.startswith(".") and "." in tops):
                continue
            for root, _ in self._replaced:
                while isinstance(root, ast.Attribute):
                    root = root.value  # noqa: PLW2901
                bindings = self.module.bindings.get(root.id, []) if isinstance(root, ast.Name) else []
                node = bindings[0].node if len(bindings) == 1 else None
                gone = isinstance(node, ast.ImportFrom) and all(
                    (a.asname or a.name) in self.imports.removable for a in node.names
                )
                if isinstance(node, (ast.Import, ast.ImportFrom)) and node in statements and not gone:
                    source = self.module.source
                    end = (
                        source.starts[node.end_lineno or node.lineno]
                        if (node.end_lineno or 0) < len(source.starts)
                        else len(source.text)
                    )
                    edits.add(end, end, partial(str, f"from {package} import {symbol}{source.newline}"), "imports")
                    del self.imports.needed[package, local]
                    break

    def _removable(self, name: str) -> bool:
        bindings = self.module.bindings.get(name, [])
        if len(bindings) != 1 or not isinstance(bindings[0].node, ast.ImportFrom) or self.module.package:
            return False
        lines = self.module.source.text.splitlines()[bindings[0].node.lineno - 1 : bindings[0].node.end_lineno]
        return not any("noqa" in line for line in lines) and not self.imports.imported_elsewhere(name)

    def _edit_local(self, edits: Edits) -> None:
        """Imports inside of functions bring the new opener in place of the old one."""
        source = self.module.source
        for node, (old, package, holder) in self._local.items():
            assert isinstance(node, ast.ImportFrom)
            new = f"from {package} import {self._target(old)}"
            start, end = source.start(node), source.end(node)
            gone = {f for f, _ in self._replaced}
            if any(isinstance(n, ast.Name) and n.id == old and n not in gone for n in walk(holder)):
                edits.add(end, end, partial(str, f"{source.newline}{source.indent_at(start)}{new}"), "imports")
            elif len(node.names) == 1:
                edits.add(start, end, partial(str, new), "imports")
            else:
                alias = next(a for a in node.names if (a.asname or a.name) == old)
                remove(source, edits, node, alias, stacked=False)
                edits.add(end, end, partial(str, f"{source.newline}{source.indent_at(start)}{new}"), "imports")

    def _target(self, old: str) -> str:
        opener = next(o for f, o in self._replaced if isinstance(f, ast.Name) and f.id == old)
        assert opener.target is not None
        return opener.target.name


def _stem(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__")


def _relative(module: ModuleFacts, stem: str) -> str:
    folder = module.path.split("/")[:-1]
    wanted = stem.split("/")
    shared = 0
    while shared < min(len(folder), len(wanted) - 1) and folder[shared] == wanted[shared]:
        shared += 1
    return "." * (len(folder) - shared + 1) + ".".join(wanted[shared:])
