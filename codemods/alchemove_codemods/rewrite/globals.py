"""Globals of other modules: how ``db`` of ``app.extensions`` is written at one place of one file."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from alchemove_codemods.facts import Binding, FunctionFacts, ModuleFacts, exports, last_name, local_names
from alchemove_codemods.rewrite.import_places import package_of
from alchemove_codemods.rewrite.late_names import assigned_by_functions, binders, copies
from alchemove_codemods.source import Source
from alchemove_codemods.trees import children, walk
from alchemove_codemods.values import Class, External, Instance, Module, certain

if TYPE_CHECKING:
    from alchemove_codemods.analysis.knowledge import Knowledge
    from alchemove_codemods.rewrite.imports import Imports

Origin = tuple[str, str]


class Globals:
    """Finds a name that is there already, or asks *imports* for one that can be imported without a cycle."""

    def __init__(self, module: ModuleFacts, knowledge: Knowledge, imports: Imports) -> None:
        self.module = module
        self.knowledge = knowledge
        self.program = knowledge.program
        self.imports = imports

    def name(self, name: str, source: ModuleFacts, function: FunctionFacts, node: ast.AST) -> str | None:
        """How the global *name* of *source* is written at *node* of *function*; None if it cannot be had there."""
        scopes = list(_scopes(function))
        if source is self.module:
            return name if _visible(name, scopes) else None
        wanted = self.program.origin(source, name)
        if wanted is None:
            return None
        home = self.program.module(wanted[0]) if wanted[0] in self.program.raw else None
        if home is not None and assigned_by_functions(home, wanted[1]):
            # What ``from app.db import session`` brought before ``init()`` assigned it would stay what it was.
            return (
                self._same_object(name, source, scopes)
                or self._behind_module(name, wanted, scopes, home)
                or next(
                    (n for n in copies(self.program, self.module, name, source, wanted) if _visible(n, scopes)), None
                )
                or self._from_its_user(name, source, scopes)
            )
        return (
            self._in_scope(wanted, scopes, node)
            or self._same_object(name, source, scopes)
            or self._in_module(wanted, scopes)
            or self._extended(name, wanted, scopes, self.module.source.tree.body, wanted[0])
            or self._imported_in_function(name, wanted, scopes, node)
            or self._imported_from_home(name, wanted, scopes)
            or self._extended(name, wanted, scopes, self.module.source.tree.body)
            or self._starred(name, wanted, scopes)
            or (not _visible(name, scopes) and self._under_another_name(name, wanted, scopes))
            or self._behind_module(name, wanted, scopes)
            or self._under_another_name(name, wanted, scopes)
        )

    # names that are there ------------------------------------------------------------------------------------------

    def _in_scope(self, wanted: Origin, scopes: list[FunctionFacts], node: ast.AST) -> str | None:
        """What an import inside one of the functions around *node* brought before it."""
        for index, scope in enumerate(scopes):
            for statement in (s for s in _before(scope.node, node) if isinstance(s, ast.ImportFrom)):
                for alias in statement.names:
                    local = alias.asname or alias.name
                    if (
                        self._origin(statement, alias.name) == wanted
                        and _visible(local, scopes[:index])
                        and all(self._brings(inner, local, wanted) for inner in binders(scope.node, local))
                    ):
                        return local
        return None

    def _brings(self, binder: ast.AST, local: str, wanted: Origin) -> bool:
        return isinstance(binder, ast.ImportFrom) and any(
            (a.asname or a.name) == local and self._origin(binder, a.name) == wanted for a in binder.names
        )

    def _same_object(self, name: str, source: ModuleFacts, scopes: list[FunctionFacts]) -> str | None:
        """A parameter of that name that is proved to be the object itself: the only one of its kind that the program makes."""
        scope = next((s for s in scopes if name in local_names(s.node)), None)
        if scope is None:
            return None
        found = self.program.lookup(source, name)
        value = next(iter(certain(found)), None) if found is not None else None
        given = self.knowledge.read("closure", scope, name, None)
        if not isinstance(value, Instance) or not isinstance(given, Instance) or given.cls != value.cls:
            return None
        same = value.made and given.made == value.made
        return name if same or (not given.made and self._constructions(value) == 1) else None

    def _constructions(self, value: Instance) -> int:
        """How often the program makes an object of the class of *value*."""
        made = External(value.cls) if isinstance(value.cls, str) else Class(value.cls)
        word = value.cls.rsplit(".", 1)[-1] if isinstance(value.cls, str) else value.cls.name
        count = 0
        for path in self.program.mentioning(word.encode()):
            module = self.program.module(path)
            for node in module.source.of_kind(ast.Call) if module else ():
                if isinstance(node.func, (ast.Name, ast.Attribute)):
                    assert module is not None
                    if last_name(node.func) and self._static(module, node.func) == made:
                        count += 1
        return count

    def _static(self, module: ModuleFacts, node: ast.expr) -> object:
        match node:
            case ast.Name(id=name):
                return self.program.lookup(module, name)
            case ast.Attribute(value=ast.Name(id=name), attr=attr):
                outer = self.program.lookup(module, name)
                if isinstance(outer, External):
                    return External(f"{outer.name}.{attr}")
                return self.program.lookup(outer.facts, attr) if isinstance(outer, Module) else None
        return None

    def _in_module(self, wanted: Origin, scopes: list[FunctionFacts]) -> str | None:
        for local, bindings in self.module.bindings.items():
            if (
                _visible(local, scopes)
                and not any(b.checking for b in bindings)
                and self.program.origin(self.module, local) == wanted
            ):
                return local
        return None

    def _starred(self, name: str, wanted: Origin, scopes: list[FunctionFacts]) -> str | None:
        """*name* where ``import *`` of a module of the program has brought it, and nothing later may have brought another."""
        if not scopes or not _visible(name, scopes) or name in self.module.bindings:
            return None
        for star in reversed(self.module.stars):
            path = self._path(star.node) if isinstance(star.node, ast.ImportFrom) else None
            source = self.program.module(path) if path is not None else None
            if path is None or source is None or star.node not in self.module.source.tree.body:
                return None
            found = self.program.origin(source, name) if exports(source, name) else None
            if found is not None:
                whole = self.module.path not in self.program.graph.reached(path)
                return name if found == wanted and whole and self._always_has(source, name) else None
        return None

    def _always_has(self, source: ModuleFacts, name: str) -> bool:
        """Whether *source* has the global *name* whenever it was imported, or passes it on from a module that has."""
        bindings = source.bindings.get(name, [])
        if bindings:
            return not any(b.checking for b in bindings)
        return all(star.node in source.source.tree.body for star in source.stars)

    def _behind_module(
        self, name: str, wanted: Origin, scopes: list[FunctionFacts], home: ModuleFacts | None = None
    ) -> str | None:
        """``models.db`` where the file has the module ``models`` (or that which is *home*), and that has the global."""
        for local in self.module.bindings:
            value = self.program.lookup(self.module, local)
            if (
                isinstance(value, Module)
                and home in (None, value.facts)
                and _visible(local, scopes)
                and self.program.origin(value.facts, name) == wanted
            ):
                return f"{local}.{name}"
        return None

    # names that an import can bring --------------------------------------------------------------------------------

    def _extended(
        self, name: str, wanted: Origin, scopes: list[FunctionFacts], body: list[ast.stmt], home: str | None = None
    ) -> str | None:
        """*name* added to an import of the module level, of the module *home* or of any that has it."""
        if not self._free(name, scopes):
            return None
        for node in self.imports.from_imports:
            if node not in body or any(a.name == "*" for a in node.names):
                continue
            there = (home is None or self._path(node) == home) and self._origin(node, name) == wanted
            if there and self._has_by_then(node, name):
                return self._needed(package_of(node), name)
        return None

    def _has_by_then(self, node: ast.ImportFrom, name: str) -> bool:
        """Whether what *node* imports from has the global *name* by then: it may be in the middle of importing this file."""
        path = self._path(node)
        source = self.program.module(path) if path is not None else None
        if path is None or source is None or self.module.path not in self.program.graph.reached(path):
            return True
        bound = [getattr(b.node, "lineno", 0) for b in source.bindings.get(name, ())]
        others = [getattr(b.node, "lineno", 0) for a in node.names for b in source.bindings.get(a.name, ())[:1]]
        return bool(bound) and max(bound) < max(max(others, default=0) + 1, self._line_that_leads_here(source))

    def _line_that_leads_here(self, source: ModuleFacts) -> int:
        """The line of the first import of *source* that may import this file: what stands before it is there in any case."""
        for node in (n for statement in source.source.tree.body for n in walk(statement)):
            if isinstance(node, ast.ImportFrom):
                dotted = [self.program.absolute(_binding(node), source)]
            elif isinstance(node, ast.Import):
                dotted = [alias.name for alias in node.names]
            else:
                continue
            paths = [self.program.locate(name, source.path) for name in dotted]
            if any(p is not None and self._leads_here(p, source.path) for p in paths):
                return node.lineno
        return 0

    def _leads_here(self, path: str, begun: str) -> bool:
        """Whether importing *path* may import this file, while the module *begun* is being imported already."""
        seen, pending = {begun}, [path]
        while pending:
            here = pending.pop()
            if here == self.module.path or (here == begun == path):
                return True
            if here not in seen:
                seen.add(here)
                pending += self.program.graph.direct(here)
        return False

    def _imported_in_function(
        self, name: str, wanted: Origin, scopes: list[FunctionFacts], node: ast.AST
    ) -> str | None:
        """*name* added to the imports that a function makes for itself, where the file imports nothing that has it."""
        if any(self._origin(other, name) == wanted for other in self.imports.from_imports):
            return None
        for index, scope in enumerate(scopes):
            if name in local_names(scope.node) or not _visible(name, scopes[:index]) or _reads(scope.node, name):
                continue
            local = [
                s for s in _before(scope.node, node) if isinstance(s, ast.ImportFrom) and self._path(s) is not None
            ]
            having = [s for s in local if self._origin(s, name) == wanted]
            if not local:
                continue
            statement = next((s for s in having if self._path(s) == wanted[0]), None)
            package = package_of(statement) if statement else self._dotted(wanted[0], local)
            if package is None and having:
                statement = having[0]
                package = package_of(statement)
            if package is None or (wanted[1] != name and statement is None):
                continue
            self.imports.needed_locally[statement or local[-1], package, name] = name
            return name
        return None

    def _from_its_user(self, name: str, source: ModuleFacts, scopes: list[FunctionFacts]) -> str | None:
        """*name* from *source*, which imports it to declare its classes with it, and from which the file has one of these."""
        of_modules = [b.node for b in source.bindings.get(name, ())]
        if not of_modules or not all(
            isinstance(n, ast.ImportFrom) and n in source.source.tree.body for n in of_modules
        ):
            return None
        for node in self.imports.from_imports:
            if node in self.module.source.tree.body and self._path(node) == source.path:
                there = next((a.asname or a.name for a in node.names if a.name == name), None)
                if there is not None and _visible(there, scopes):
                    return there
                free = self._free(name, scopes) and not any(a.name == "*" for a in node.names)
                if there is None and free and self._has_by_then(node, name):
                    return self._needed(package_of(node), name)
        return None

    def _imported_from_home(self, name: str, wanted: Origin, scopes: list[FunctionFacts]) -> str | None:
        """A new import from the module that defines *name*, if that one never imports this file."""
        if (
            wanted[1] != name
            or not self._free(name, scopes)
            or self.module.path in self.program.graph.reached(wanted[0])
        ):
            return None
        own = [n for n in self.imports.from_imports if n in self.module.source.tree.body and self._path(n) is not None]
        package = self._dotted(wanted[0], own) if own else self._as_neighbours_say(wanted[0])
        return self._needed(package, name) if package is not None else None

    def _as_neighbours_say(self, path: str) -> str | None:
        """How the module *path* is named where other files of this folder import from it, in their first level."""
        folder = self.module.path.rpartition("/")[0]
        word = path.removesuffix("/__init__.py").removesuffix(".py").rpartition("/")[2]
        for other in self.program.mentioning(word.encode()):
            module = self.program.module(other) if other.rpartition("/")[0] == folder else None
            for node in module.source.tree.body if module is not None else ():
                match node:
                    case ast.ImportFrom(module=str(package), level=0) if (
                        self.program.find_module(package, self.module.path) == path
                    ):
                        return package
        return None

    def _under_another_name(self, name: str, wanted: Origin, scopes: list[FunctionFacts]) -> str | None:
        """``db as db_``, where the file or a function around the place has a ``db`` of its own."""
        local = f"{name}_"
        if wanted[1] != name or not self._free(local, scopes):
            return None
        top = [n for n in self.imports.from_imports if n in self.module.source.tree.body]
        home = self._dotted(wanted[0], top) if self.module.path not in self.program.graph.reached(wanted[0]) else None
        having = (
            n
            for n in top
            if self._path(n) == wanted[0] and not any(a.name == "*" for a in n.names) and self._has_by_then(n, name)
        )
        package = next((package_of(n) for n in having), home)
        if package is None or any(
            other == local and key != (package, name) for key, other in self.imports.aliased.items()
        ):
            return None
        self.imports.aliased[package, name] = local
        return local

    def _needed(self, package: str, name: str) -> str | None:
        if any(local == name and key != (package, name) for key, local in self.imports.needed.items()):
            return None
        self.imports.needed[package, name] = name
        return name

    def _free(self, name: str, scopes: list[FunctionFacts]) -> bool:
        """Whether a new global *name* would be seen at the place, and nowhere where the name means something else."""
        return _visible(name, scopes) and name not in self.module.bindings and name not in self._global_reads

    @cached_property
    def _global_reads(self) -> frozenset[str]:
        """The names that the file reads without binding them in a function around: builtins, what a star import brings."""
        return _global_reads(self.module.source)

    def _dotted(self, path: str, examples: list[ast.ImportFrom]) -> str | None:
        """How a module of the program is named in an import, in the style of *examples*."""
        stem = path[: -len("/__init__.py")] if path.endswith("/__init__.py") else path.removesuffix(".py")
        absolute = [n for n in examples if not n.level and self._path(n) is not None]
        for node in absolute:
            found = (self._path(node) or "").removesuffix(".py").removesuffix("/__init__")
            root = found.removesuffix((node.module or "").replace(".", "/"))
            dotted = stem[len(root) :].replace("/", ".")
            if stem.startswith(root) and dotted and self.program.find_module(dotted, self.module.path) == path:
                return dotted
        if absolute or not any(n.level for n in examples):
            return None
        folder = self.module.path.split("/")[:-1]
        parts = stem.split("/")
        common = 0
        while common < min(len(folder), len(parts)) and folder[common] == parts[common]:
            common += 1
        level = len(folder) - common + 1
        if level > max(n.level for n in examples):
            return None
        return "." * level + ".".join(parts[common:])

    def _path(self, node: ast.ImportFrom) -> str | None:
        return self.program.locate(self.program.absolute(_binding(node), self.module), self.module.path)

    def _origin(self, node: ast.ImportFrom, name: str) -> Origin | None:
        path = self._path(node)
        facts = self.program.module(path) if path is not None else None
        return self.program.origin(facts, name) if facts is not None else None


def _binding(node: ast.ImportFrom) -> Binding:
    return Binding("import", node, node.module or "", None, node.level)


def _scopes(function: FunctionFacts | None) -> Iterator[FunctionFacts]:
    """*function* and the functions around it, innermost first."""
    while function is not None and not isinstance(function.node, ast.Module):
        yield function
        function = function.outer


def _visible(name: str, scopes: list[FunctionFacts]) -> bool:
    """Whether no function of *scopes* binds *name* for itself."""
    return not any(name in local_names(scope.node) for scope in scopes)


def _before(function: ast.AST, node: ast.AST) -> list[ast.stmt]:
    """The statements of *function* that have run whenever *node* is reached: those before it in the blocks around it."""
    found: list[ast.stmt] = []
    here: ast.AST | None = function
    line, column = node.lineno, node.col_offset  # type: ignore[attr-defined]
    while here is not None:
        inner = None
        for field in ("body", "orelse", "finalbody", "handlers", "cases"):
            block = getattr(here, field, None)
            if not isinstance(block, list):
                continue
            for at, statement in enumerate(block):
                if isinstance(statement, (ast.stmt, ast.ExceptHandler, ast.match_case)) and _holds(
                    statement, line, column
                ):
                    inner = statement
                    if field in ("body", "orelse", "finalbody"):
                        found += block[:at]
        here = inner
    return found


def _holds(statement: ast.AST, line: int, column: int) -> bool:
    if isinstance(statement, ast.match_case):
        return any(_holds(inner, line, column) for inner in statement.body)
    start = (statement.lineno, statement.col_offset)  # type: ignore[attr-defined]
    end = (statement.end_lineno or 0, statement.end_col_offset or 0)  # type: ignore[attr-defined]
    return start <= (line, column) < end


def _reads(function: ast.AST, name: str) -> bool:
    return any(isinstance(n, ast.Name) and n.id == name for n in walk(function))


@lru_cache(maxsize=1 << 12)
def _global_reads(source: Source) -> frozenset[str]:
    found: set[str] = set()
    scopes: list[tuple[ast.AST, frozenset[str]]] = [(source.tree, frozenset())]
    while scopes:
        scope, bound = scopes.pop()
        stack = children(scope)
        while stack:
            node = stack.pop()
            kind = node.__class__
            if kind is ast.Name:
                if node.id not in bound:  # type: ignore[attr-defined]
                    found.add(node.id)  # type: ignore[attr-defined]
            elif kind in (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda):
                scopes.append((node, bound | local_names(node)))
            elif kind is not ast.Constant:
                stack += children(node)
    return frozenset(found)
