"""The program: its files as modules, and what a dotted name means anywhere in it."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from alchemove_codemods import lazy_exports
from alchemove_codemods.analysis.names import MODEL_BASES
from alchemove_codemods.facts import Binding, FunctionFacts, ModuleFacts, exports, index_function, module_facts
from alchemove_codemods.findings import Problem
from alchemove_codemods.importing import ImportGraph
from alchemove_codemods.joining import join
from alchemove_codemods.locating import Locator, dotted_stem
from alchemove_codemods.other_packages import external, own_name
from alchemove_codemods.relative_packages import relative_packages
from alchemove_codemods.source import Source, Unreadable
from alchemove_codemods.values import BOTTOM, UNKNOWN, Class, External, Module, Nothing, Value, parts

_HEADER = re.compile(rb"^[ \t]*class\s+\w+\s*\((.*?):[ \t]*(?:#[^\n]*)?\r?$", re.MULTILINE | re.DOTALL)
_CLASS = re.compile(rb"^[ \t]*class[ \t]+(\w+)", re.MULTILINE)
_WORD = re.compile(rb"[^\W\d]\w*")
_RENAMING = re.compile(rb"as[ \t]+(\w+)[ \t]*(?:[,)#\r\n]|$)")
_BETWEEN_WORDS = bytes(code for code in range(256) if not re.match(rb"\w", bytes([code])))
_TO_SPACES = bytes.maketrans(_BETWEEN_WORDS, b" " * len(_BETWEEN_WORDS))
_FEW = 8
"""How many names are searched for in all files, before their words are put into a table."""


class Program:
    """All files of a run. Files are parsed when something asks for them."""

    def __init__(
        self,
        sources: Mapping[str, bytes],
        source_roots: Sequence[str] = (),
        read_by_templates: Sequence[str] = (),
        gone_through_by_templates: Iterable[tuple[str, tuple[str, ...]]] = (),
    ) -> None:
        self.raw = sources
        self.read_by_templates = frozenset(read_by_templates)
        self.template_loops = dict(gone_through_by_templates)
        """The variables that templates go through once, by the path of the template."""
        self.problems: dict[str, Problem] = {}
        self._modules: dict[str, ModuleFacts | None] = {}
        roots = tuple(root.strip("/") for root in source_roots)
        self._locator = Locator(sources, roots, self.mentioning, sources.__getitem__)
        self._folders = {folder for path in sources for folder in _parents(path)}
        self._resolving: set[tuple[int, str]] = set()
        self._names: dict[tuple[int, str], Value] = {}
        self._settled: dict[tuple[int, str], Value] = {}
        self.cuts = 0
        """How often an answer was incomplete because its question had come up in answering itself."""
        self._mentioning: dict[tuple[bytes, ...], list[str]] = {}
        self._naming: dict[str, list[str]] = {}
        self.graph = ImportGraph(self)
        self.evaluate: Callable[[ModuleFacts, str, Binding], Value] = lambda module, name, binding: UNKNOWN
        self.assigned_later: Callable[[ModuleFacts, str], Value] = lambda module, name: BOTTOM

    def module(self, path: str) -> ModuleFacts | None:
        """The file *path* as a module, None if it is missing or broken (a broken one becomes a problem)."""
        if path not in self._modules:
            self._modules[path] = None
            try:
                self._modules[path] = module_facts(Source(path, self.raw[path]))
            except KeyError:
                pass
            except Unreadable as error:
                self.problems[path] = Problem(path, error.line, error.column, error.message)
            except RecursionError:
                self.problems[path] = Problem(path, None, None, "nested too deeply to be analysed")
        return self._modules[path]

    def mentioning(self, *words: bytes) -> list[str]:
        """The paths of the files whose bytes hold one of *words*."""
        found = self._mentioning.get(words)
        if found is None:
            if len(words) == 1:
                (word,) = words
                found = [path for path, raw in self.raw.items() if word in raw]
            else:
                found = []
                for path, raw in self.raw.items():
                    for word in words:
                        if word in raw:
                            found.append(path)
                            break
            self._mentioning[words] = found
        return found

    def naming(self, name: str) -> list[str]:
        """The paths of the files that hold the identifier *name*: as a word, not as a part of one."""
        found = self._naming.get(name)
        if found is None:
            word = name.encode()
            if name.isascii() and name.isidentifier() and len(self._naming) >= _FEW:
                found = [path for path, words in self._words.items() if word in words]
            else:
                pattern = re.compile(re.escape(word) + rb"(?!\w)")
                found = [path for path in self.mentioning(word) if _holds(self.raw[path], pattern)]
            self._naming[name] = found
        return found

    def unreadable(self, name: str) -> bool:
        """Whether a file that cannot be parsed, perhaps for being of a newer Python, holds the identifier *name*."""
        return any(self.module(path) is None for path in self.naming(name))

    @functools.cached_property
    def _words(self) -> dict[str, set[bytes]]:
        """The words in every file; splitting all of them takes as long as searching them for a dozen names."""
        return {path: set(raw.translate(_TO_SPACES).split()) for path, raw in self.raw.items()}

    @functools.cached_property
    def inheriting(self) -> dict[str, list[str]]:
        """The files whose class statements hold a name between their parentheses, by that name; read off the text."""
        found: dict[str, list[str]] = {}
        for path in self.mentioning(b"class "):
            words = {word for header in _HEADER.findall(self.raw[path]) for word in _WORD.findall(header)}
            for word in words:
                found.setdefault(word.decode("latin-1"), []).append(path)
        return found

    @functools.cached_property
    def defining(self) -> dict[str, list[str]]:
        """The files that hold a class statement, by the name of the class; read off the text."""
        found: dict[str, list[str]] = {}
        for path in self.mentioning(b"class "):
            for name in dict.fromkeys(_CLASS.findall(self.raw[path])):
                found.setdefault(name.decode("latin-1"), []).append(path)
        return found

    @functools.cached_property
    def renamings(self) -> dict[str, set[str]]:
        """Under which other names a name is imported somewhere; read off the text."""
        found: dict[str, set[str]] = {}
        for path in self.mentioning(b" as "):
            raw = self.raw[path]
            # A pattern that begins with plain text is searched many times faster than one with a choice before it.
            for match in _RENAMING.finditer(raw):
                at = match.start()
                if raw[at - 1 : at] in (b" ", b"\t"):
                    line = raw[raw.rfind(b"\n", 0, at) + 1 : at].rstrip(b" \t")
                    if name := line.translate(_TO_SPACES).rpartition(b" ")[2]:
                        found.setdefault(name.decode("latin-1"), set()).add(match[1].decode("latin-1"))
        return found

    def loaded(self) -> Iterator[ModuleFacts]:
        """The modules that were parsed so far."""
        return (module for module in list(self._modules.values()) if module is not None)

    def find_module(self, dotted: str, importer: str) -> str | None:
        """The path of the module that ``import dotted`` means in the file *importer*, None if it is not of the program."""
        return self._locator.find(dotted, importer)

    def starts(self, folder: str) -> bool:
        """Whether absolute imports start at *folder*, although it is a package: nothing imports it by its name."""
        return self._locator.starts(folder)

    def dotted(self, path: str, importer: ModuleFacts) -> str:
        """The name by which *importer* imports the file *path*: from the folder that its other imports start at."""
        for bindings in importer.bindings.values():
            for binding in bindings:
                if binding.kind != "import" or binding.level:
                    continue
                # ``from app import models``, where ``app`` is a folder without an ``__init__.py``.
                for name in (binding.module, f"{binding.module}.{binding.attribute}"):
                    found = self.find_module(name, importer.path)
                    stem = dotted_stem(found) if found is not None else ""
                    root = stem[: len(stem) - len(name)]
                    if stem and stem.endswith(name) and dotted_stem(path).startswith(root):
                        return dotted_stem(path)[len(root) :]
        folders = path.split("/")[:-1]
        for depth in range(len(folders)):
            folder = "/".join(folders[: depth + 1])
            is_package = folder in self._locator.packages or folder in self.relative_packages
            if is_package and not self.starts(folder):
                return ".".join(dotted_stem(path).split(".")[depth:])
        return dotted_stem(path).rsplit(".", 1)[-1]

    @functools.cached_property
    def relative_packages(self) -> frozenset[str]:
        """The folders that relative imports start from: packages, also without an ``__init__.py``."""
        return relative_packages((path, self.raw[path]) for path in self.mentioning(b"from ."))

    def is_namespace(self, dotted: str, importer: str) -> bool:
        """Whether *dotted* is a folder of the program without ``__init__.py``."""
        folder = dotted.replace(".", "/")
        return folder in self._folders

    def absolute(self, binding: Binding, module: ModuleFacts) -> str:
        """The dotted name of the module that an import names; relative ones start with their folder, by ``/``."""
        if not binding.level:
            return own_name(binding.module)
        folder = module.path.rpartition("/")[0]
        for _ in range(binding.level - 1):
            folder = folder.rpartition("/")[0]
        return "/" + "/".join(filter(None, [folder, binding.module.replace(".", "/")]))

    def locate(self, name: str, importer: str) -> str | None:
        """The path of the module *name* as :meth:`absolute` gives it."""
        if not name.startswith("/"):
            return self.find_module(name, importer)
        stem = name[1:]
        for path in (f"{stem}.py", f"{stem}/__init__.py" if stem else "__init__.py"):
            if path in self.raw:
                return path
        return None

    def imported(self, binding: Binding, module: ModuleFacts) -> Value:
        """What an import binding brings."""
        name = self.absolute(binding, module)
        path = self.locate(name, module.path)
        if binding.attribute is None:
            return self._module_value(name, path, module.path)
        if path is not None:
            facts = self.module(path)
            if facts is None:
                return UNKNOWN
            value = self.lookup(facts, binding.attribute)
            if value is not None and not isinstance(value, type(BOTTOM)):
                return value
        inner = f"{name}/{binding.attribute}" if name.startswith("/") else f"{name}.{binding.attribute}"
        below = self.locate(inner, module.path)
        if below is not None:
            return self._module_value(inner, below, module.path)
        if path is not None or name.startswith("/") or self.is_namespace(name, module.path):
            return UNKNOWN
        return external(f"{name}.{binding.attribute}")

    def _module_value(self, name: str, path: str | None, importer: str) -> Value:
        if path is None:
            return UNKNOWN if name.startswith("/") else External(name)
        facts = self.module(path)
        return Module(facts) if facts is not None else UNKNOWN

    def lookup(self, module: ModuleFacts, name: str) -> Value | None:
        """What the global *name* of *module* is; None if nothing binds it."""
        key = (id(module), name)
        known = self._settled.get(key) or self._names.get(key)
        if known is not None:
            return known
        if key in self._resolving:
            self.cuts += 1
            return BOTTOM
        self._resolving.add(key)
        cuts = self.cuts
        try:
            value = self._lookup(module, name)
        finally:
            self._resolving.discard(key)
        if value is not None and not isinstance(value, type(BOTTOM)):
            # Growing knowledge can only change what is not known yet, or was not looked up to the end.
            final = cuts == self.cuts and not any(isinstance(part, type(UNKNOWN)) for part in parts(value))
            (self._settled if final else self._names)[key] = value
        return value

    def forget_values(self) -> None:
        """Drop what was looked up, because what the interpreter knows has grown."""
        self._names.clear()

    def _lookup(self, module: ModuleFacts, name: str) -> Value | None:
        bindings = module.bindings.get(name)
        if bindings is None:
            later = self.assigned_later(module, name)
            if not isinstance(later, type(BOTTOM)):
                return later
            circular: Value | None = None
            for facts in self._starred(module, name):
                cuts = self.cuts
                found = self.lookup(facts, name)
                if isinstance(found, type(BOTTOM)) or (isinstance(found, type(UNKNOWN)) and cuts != self.cuts):
                    circular = found  # that module has the name from here
                elif found is not None:
                    return found
            if any(self.locate(self.absolute(star, module), module.path) is None for star in module.stars):
                return self._external_star(module, name) or circular
            lazily = lazy_exports.given(module, name)
            if lazily is not None:
                return self.bound(module, name, lazily)
            return self.submodule(module, name) or circular
        value: Value = BOTTOM
        checked = [b for b in bindings if b.checking and not self._names_itself(b, module, name)]
        for binding in checked or [b for b in bindings if not b.checking]:
            value = join(value, self.bound(module, name, binding))
        if checked:
            # What type checkers are told of a base class is not what the program inherits from: that is ``db.Model``, say.
            for binding in [b for b in bindings if not b.checking]:
                running = self.bound(module, name, binding)
                if isinstance(running, External) and running.name in MODEL_BASES:
                    value = running
        return join(value, self.assigned_later(module, name)) if isinstance(value, Nothing) else value

    def _names_itself(self, binding: Binding, module: ModuleFacts, name: str) -> bool:
        """Whether *binding* imports the global *name* of *module* from that very file: as type checkers may be told to."""
        return (
            binding.kind == "import"
            and binding.attribute == name
            and self.locate(self.absolute(binding, module), module.path) == module.path
        )

    def origin_of(self, module: ModuleFacts, node: ast.expr) -> tuple[str, str] | None:
        """The file and name that first bind what the dotted name *node* of *module* means, imports followed."""
        if isinstance(node, ast.Name):
            return self.origin(module, node.id)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            value = self.lookup(module, node.value.id)
            if isinstance(value, Module):
                return self.origin(value.facts, node.attr)
        return None

    def origin(
        self, module: ModuleFacts, name: str, seen: frozenset[tuple[str, str]] = frozenset()
    ) -> tuple[str, str] | None:
        """The file and name that first bind the global *name* of *module*, imports followed; None if it is not bound."""
        key = (module.path, name)
        if key in seen:
            return None
        bindings = module.bindings.get(name)
        if not bindings:
            for starred in self._starred(module, name):
                found = self.origin(starred, name, seen | {key})
                if found is not None:
                    return found
            lazily = lazy_exports.given(module, name)
            if lazily is None:
                return None
            bindings = [lazily]
        binding = bindings[-1]
        if binding.kind != "import" or binding.attribute is None:
            return key
        path = self.locate(self.absolute(binding, module), module.path)
        facts = self.module(path) if path is not None else None
        if facts is None:
            return (self.absolute(binding, module), binding.attribute)
        return self.origin(facts, binding.attribute, seen | {key}) or key

    def _starred(self, module: ModuleFacts, name: str) -> Iterator[ModuleFacts]:
        """The modules whose ``import *`` may bring *name* to *module*: the last one that has it wins."""
        for star in reversed(module.stars):
            path = self.locate(self.absolute(star, module), module.path)
            facts = self.module(path) if path is not None else None
            if facts is not None and exports(facts, name):
                yield facts

    @functools.cached_property
    def star_readers(self) -> dict[str, list[tuple[ModuleFacts, int]]]:
        """By the path of a file, the modules that read it by ``import *``, and the line on which they do."""
        found: dict[str, list[tuple[ModuleFacts, int]]] = {}
        for module in filter(None, map(self.module, self.mentioning(b"import *"))):
            for star in module.stars:
                path = self.locate(self.absolute(star, module), module.path)
                if path is not None:
                    found.setdefault(path, []).append((module, getattr(star.node, "lineno", 0)))
        return found

    def _external_star(self, module: ModuleFacts, name: str) -> Value | None:
        outside = [s for s in module.stars if self.locate(self.absolute(s, module), module.path) is None]
        if len(outside) == 1 and outside[0].module.split(".")[0] in ("sqlalchemy", "sqlmodel"):
            return External(f"{outside[0].module}.{name}")
        if name in _BUILTINS:
            return None
        if len(outside) == 1 and not outside[0].level and self.submodule(module, name) is None:
            return external(f"{outside[0].module}.{name}")  # nothing else can have brought it
        return UNKNOWN

    def submodule(self, module: ModuleFacts, name: str) -> Value | None:
        """The module *name* inside the package *module*."""
        if not module.package:
            return None
        folder = module.path.rpartition("/")[0]
        for path in (f"{folder}/{name}.py", f"{folder}/{name}/__init__.py"):
            if path in self.raw:
                facts = self.module(path)
                return Module(facts) if facts else UNKNOWN
        return None

    def bound(self, module: ModuleFacts, name: str, binding: Binding) -> Value:
        """What one *binding* of *module* gives its *name*."""
        match binding.kind:
            case "import":
                return self.imported(binding, module)
            case "class":
                return Class(module.classes[binding.node])  # type: ignore[index]
            case "function":
                return self.evaluate(module, name, binding)
            case "value":
                return self.evaluate(module, name, binding)
            case "other" if isinstance(binding.node, ast.Assign):
                return self.evaluate(module, name, binding)
        return UNKNOWN

    def open(self, function: FunctionFacts) -> None:
        """Index what is defined inside *function*."""
        index_function(function)


_BUILTINS = frozenset(dir(__builtins__) if not isinstance(__builtins__, dict) else __builtins__)


def _holds(raw: bytes, pattern: re.Pattern[bytes]) -> bool:
    """Whether *pattern* matches somewhere in *raw* where a word begins."""
    # Looked at from here, since a pattern that begins with plain text is searched many times faster than any other.
    return any(
        at == 0 or not (raw[at - 1 : at].isalnum() or raw[at - 1] == 95)
        for at in (match.start() for match in pattern.finditer(raw))
    )


def _parents(path: str) -> Iterable[str]:
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path
