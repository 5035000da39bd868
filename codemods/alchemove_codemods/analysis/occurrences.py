"""Whether everything that uses a function or attribute is known: a question about all files of the program."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from alchemove_codemods.analysis import hooks
from alchemove_codemods.analysis.elsewhere import Elsewhere
from alchemove_codemods.analysis.passing_on import passes_on
from alchemove_codemods.analysis.places import functions_at, is_value
from alchemove_codemods.analysis.schemas import is_declared
from alchemove_codemods.analysis.sealed import Sealed
from alchemove_codemods.analysis.spelled import Spelled
from alchemove_codemods.facts import CACHED_PROPERTIES, Binding, ClassFacts, FunctionFacts, ModuleFacts, last_name
from alchemove_codemods.values import Class, External, Function, Instance, Module, parts

if TYPE_CHECKING:
    from alchemove_codemods.analysis.knowledge import Knowledge

_BY_NAME = frozenset(
    {
        "getattr",
        "setattr",
        "hasattr",
        "delattr",
        "patch",
        "object",
        "methodcaller",
        "attrgetter",
        "setattr_",
        "import_string",
    }
)


class Index:
    """What a module names: the nodes by the identifier they are, its texts, and its ``from`` imports by name."""

    def __init__(self, module: ModuleFacts) -> None:
        source = module.source
        named: dict[str, list[ast.AST]] = {}
        importing: dict[str, list[ast.ImportFrom]] = {}
        for name in source.of_kind(ast.Name):
            if name.ctx.__class__ is ast.Load:
                named.setdefault(name.id, []).append(name)
        for attribute in source.of_kind(ast.Attribute):
            if attribute.ctx.__class__ is ast.Load:
                named.setdefault(attribute.attr, []).append(attribute)
        for call in source.of_kind(ast.Call):
            if call.args and last_name(call.func) in _BY_NAME:
                for argument in call.args:
                    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                        named.setdefault(argument.value.rsplit(".", 1)[-1], []).append(argument)
        for statement in source.of_kind(ast.ImportFrom):
            for alias in statement.names:
                importing.setdefault(alias.name, []).append(statement)
        renamed = {a.asname: a.name for a in source.of_kind(ast.alias) if a.asname is not None and a.asname != a.name}
        for other, found in renamed.items():
            named.setdefault(found, []).extend(n for n in named.get(other, ()) if isinstance(n, ast.Name))
        self.named, self.importing = named, importing
        self.texts = {c.value for c in source.of_kind(ast.Constant) if isinstance(c.value, str)}


class Occurrences:
    """Where names occur; one walk per file that somebody asks about."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._elsewhere = Elsewhere(knowledge)
        self._spelled = Spelled(knowledge)
        self._sealed = Sealed(knowledge, self.named, lambda module: self._index(module).texts)
        self._everywhere: dict[str, list[tuple[ModuleFacts, list[ast.AST]]]] | None = None
        self._closed: dict[FunctionFacts, bool] = {}
        self._imported: dict[ModuleFacts, frozenset[str]] = {}

    def forget(self) -> None:
        """Drop what was decided, because more has been interpreted."""
        self._closed.clear()

    def named(self, module: ModuleFacts, name: str) -> list[ast.AST]:
        """The nodes of *module* that are the identifier *name*, or that look it up by its text."""
        return self._index(module).named.get(name, [])

    def _uses(self, name: str) -> Iterable[tuple[ModuleFacts, list[ast.AST]]]:
        """The files of the program with the nodes that are the identifier *name*, or that look it up by its text."""
        program = self._knowledge.program
        if not self._knowledge.observing:
            modules = (program.module(path) for path in program.naming(name))
            return ((module, self.named(module, name)) for module in modules if module is not None)
        # Where every file is parsed anyway, looking into their texts name by name takes longer than one table of all names.
        if self._everywhere is None:
            self._everywhere = {}
            for module in filter(None, map(program.module, program.raw)):
                for each, nodes in self._index(module).named.items():
                    self._everywhere.setdefault(each, []).append((module, nodes))
        return self._everywhere.get(name, ())

    def _index(self, module: ModuleFacts) -> Index:
        # Kept there, since several ask about the same program.
        indexes = self._knowledge.indexes
        if module not in indexes:
            indexes[module] = Index(module)
        return indexes[module]

    def demand(self, function: FunctionFacts) -> None:
        """Have everything interpreted that may refer to *function*."""
        knowledge = self._knowledge
        for name in self._called_by(function):
            if name.startswith("__"):
                continue
            paths = [function.module.path] if function.outer is not None else knowledge.program.naming(name)
            for path in paths:
                module = knowledge.program.module(path)
                nodes = self.named(module, name) if module is not None else ()
                lines = {n.lineno for n in nodes if self.may_mean(module, n, function)}  # type: ignore[arg-type,attr-defined]
                for caller in functions_at(module, lines) if module is not None else ():
                    knowledge.require(caller)

    def _called_by(self, function: FunctionFacts) -> list[str]:
        """The names by which *function* is called: a constructor by that of its class, and of those that inherit it."""
        if function.name != "__init__" or function.owner is None:
            return [function.name]
        return list(dict.fromkeys(cls.name for cls in self._made_by(function.owner)))

    def _made_by(self, cls: ClassFacts) -> list[ClassFacts]:
        """*cls* and the classes that inherit its constructor."""
        return [c for c in (cls, *self._knowledge.models.subclasses(cls)) if c is cls or "__init__" not in c.members]

    def may_mean(self, module: ModuleFacts, node: ast.AST, function: FunctionFacts) -> bool:
        """Whether *node*, which has its name, may refer to *function*, as far as can be told without interpreting."""
        if function.owner is not None or function.outer is not None:
            return True
        root: ast.AST = node
        while isinstance(root, ast.Attribute):
            root = root.value
        if not isinstance(root, ast.Name):
            return isinstance(root, ast.Constant)
        if root.id in self._imported_inside(module):
            return True
        value = self._knowledge.program.lookup(module, root.id)
        if isinstance(node, ast.Attribute) and node.value is root and isinstance(value, Module):
            value = self._knowledge.program.lookup(value.facts, node.attr)
        match value:
            case Function(facts=facts):
                return facts is function
            case None | Class() | External() | Instance():
                return False
        return True

    def _imported_inside(self, module: ModuleFacts) -> frozenset[str]:
        """The names that functions of *module* import for themselves."""
        if module not in self._imported:
            outside = {b.node for bindings in module.bindings.values() for b in bindings if b.kind == "import"}
            self._imported[module] = frozenset(
                (alias.asname or alias.name).split(".")[0]
                for node in module.source.imports
                if node not in outside
                for alias in node.names
            )
        return self._imported[module]

    def closed(self, function: FunctionFacts) -> bool:
        """Whether every use of *function* (and of what overrides it) is a call that was followed."""
        if function not in self._closed:
            self._closed[function] = self._decide(function)
        return self._closed[function]

    def _decide(self, function: FunctionFacts) -> bool:
        knowledge = self._knowledge
        if isinstance(function.node, (ast.Module, ast.Lambda)):
            return True
        if self.is_open(function) or _is_fallback(function):
            return False
        names, family = self._called_by(function), knowledge.overriding(function)
        if function.name == "__init__" and function.owner is not None and self._is_handed_on(function.owner):
            return False
        if any(self._may_be_read_out_of_sight(function, name) for name in names) or self._spelled.may_mean(function):
            return False
        uses = 0
        for name in names:
            for module, nodes in self._uses(name):
                for node in nodes:
                    verdict = self._use(module, node, name, function, family)
                    if verdict is None:
                        return False
                    uses += verdict
        return uses > 0 or self._unreferenced(function) or self._sealed.holds(function)

    def _is_handed_on(self, cls: ClassFacts) -> bool:
        """Whether *cls*, or a class that is made as it is, is used as a value, so that whoever gets it may make one."""
        return any(
            not isinstance(node, ast.Constant) and node not in self._knowledge.calls and is_value(module, node)
            for each in self._made_by(cls)
            for module, nodes in self._uses(each.name)
            for node in nodes
            if self._means(module, node, each)
        )

    def _means(self, module: ModuleFacts, node: ast.AST, cls: ClassFacts) -> bool:
        """Whether *node*, which has its name, may be *cls*."""
        if isinstance(node, ast.Attribute):
            settled = self._knowledge.settled.get(node)
            return settled is None or Class(cls) in parts(settled)
        if cls.name in self._imported_inside(module):
            return True
        value = self._knowledge.program.lookup(module, cls.name)
        return isinstance(value, Class) and value.facts is cls

    def _may_be_read_out_of_sight(self, function: FunctionFacts, name: str) -> bool:
        """Whether a file that cannot be parsed, a template or a library that is told the name may call or read *function*."""
        program = self._knowledge.program
        if program.unreadable(name):
            return True
        if function.owner is None:
            return False
        return name in program.read_by_templates or (function.is_property and is_declared(self._knowledge, name))

    def is_open(self, function: FunctionFacts) -> bool:
        """Whether *function* may be called by what is no part of the program."""
        return called_from_outside(self._knowledge, function, partial(passes_on, self._knowledge))

    def _unreferenced(self, function: FunctionFacts) -> bool:
        """Whether nothing can reach a module-level *function*: it is neither called nor imported nor exported."""
        if function.owner is not None or function.outer is not None or function.decorators:
            return False
        program, name = self._knowledge.program, function.name
        for path in program.naming(name):
            module = program.module(path)
            if module is None:
                return False
            index = self._index(module)
            if name in index.texts:
                return False
            for node in index.importing.get(name, ()):
                value = program.imported(Binding("import", node, node.module or "", name, node.level), module)
                others = isinstance(value, External) or (isinstance(value, Function) and value.facts is not function)
                if not others:
                    return False
        return True

    def _use(
        self, module: ModuleFacts, node: ast.AST, name: str, function: FunctionFacts, family: list[FunctionFacts]
    ) -> int | None:
        """1 for a use that was followed, 0 for something else of that name, None for a use that was not followed."""
        knowledge = self._knowledge
        called = knowledge.calls.get(node)
        if called is not None:
            return int(called in family)
        if isinstance(node, ast.Constant):
            means_another = self._elsewhere.means_another(module, node, family)
            return 0 if means_another or self._sealed.holds(function) else None
        is_property = function.is_property
        if isinstance(node, ast.Attribute):
            if node in knowledge.settled:
                if is_property:
                    return 1
                reached = [v for v in parts(knowledge.settled[node]) if isinstance(v, Function)]
                return None if any(v.facts in family for v in reached) else 0
            if function.owner is None:
                return 0
            if not is_property and self._sealed.holds(function) and not self._sealed.by_name(module, node, function):
                return 0
            return 0 if not is_property and self._elsewhere.means_another(module, node, family) else None
        if function.owner is not None and function.name != "__init__":
            return 0
        if function.outer is not None and module is function.module:
            return None if _inside(node, function.outer.node) else 0
        if function.name == "__init__":
            return 0
        value = knowledge.program.lookup(module, node.id if isinstance(node, ast.Name) else name)
        return None if isinstance(value, Function) and value.facts in family else 0

    def attribute_closed(self, name: str) -> bool:
        """Whether the object is known wherever the attribute *name* is read."""
        program = self._knowledge.program
        if program.unreadable(name) or name in program.read_by_templates:
            return False
        for _, nodes in self._uses(name):
            for node in nodes:
                if isinstance(node, ast.Constant) or (
                    isinstance(node, ast.Attribute)
                    and node not in self._knowledge.settled
                    and node not in self._knowledge.calls
                ):
                    return False
        return True


def called_from_outside(
    knowledge: Knowledge, function: FunctionFacts, known: Callable[[FunctionFacts, ast.expr], bool] | None = None
) -> bool:
    """Whether something outside the program may call *function*: Python itself, a foreign base class, a decorator.

    *known* says of a decorator of a function that who calls what it makes is known.
    """
    name = function.name
    if name.startswith("__") and name != "__init__":
        return True
    if function.owner is not None and not name.startswith("_") and hooks.possible(knowledge, function.owner, name):
        return True
    return any(f.decorators and not keeps(f, known) for f in knowledge.overriding(function))


def _is_fallback(function: FunctionFacts) -> bool:
    """Whether *function* takes the place of an import that fails: the name is taken for what the import gives."""
    bindings = function.module.bindings.get(function.name, ())
    at_top = function.owner is None and function.outer is None
    return at_top and bool(bindings) and all(binding.node is not function.node for binding in bindings)


def _inside(node: ast.AST, outer: ast.AST) -> bool:
    return bool(outer.lineno <= node.lineno <= (outer.end_lineno or 0))  # type: ignore[attr-defined]


_KEEPING = frozenset(
    {
        "staticmethod",
        "classmethod",
        "property",
        *CACHED_PROPERTIES,
        "override",
        "abstractmethod",
        "wraps",
        "no_type_check",
        "classproperty",
        "typechecked",
        "final",
        "overload",
    }
)


def keeps(function: FunctionFacts, known: Callable[[FunctionFacts, ast.expr], bool] | None = None) -> bool:
    """Whether the decorators of *function* leave calls of it what they are, or are *known*."""
    return all(last_name(d) in _KEEPING or (known is not None and known(function, d)) for d in function.decorators)
