"""Uses that have the name of a function and cannot mean it, although their object is not known."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING

from alchemove_codemods.analysis.binding import fits
from alchemove_codemods.analysis.declared import is_neutral_base
from alchemove_codemods.analysis.used import used_with
from alchemove_codemods.facts import (
    Binding,
    ClassFacts,
    FunctionFacts,
    ModuleFacts,
    last_name,
    local_names,
    stored_names,
)
from alchemove_codemods.trees import walk
from alchemove_codemods.values import Class, External, Function, Module, Value

if TYPE_CHECKING:
    from alchemove_codemods.analysis.knowledge import Knowledge


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_BUILT_IN = (
    ast.Constant,
    ast.JoinedStr,
    ast.Dict,
    ast.List,
    ast.Set,
    ast.Tuple,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.GeneratorExp,
)


class Elsewhere:
    """Tells uses of other functions by what they would raise."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._names: dict[ClassFacts, frozenset[str] | None] = {}
        self._stored: dict[str, bool] = {}

    def means_another(self, module: ModuleFacts, node: ast.AST, family: Sequence[FunctionFacts]) -> bool:
        """Whether *node*, an attribute or a text with the name of the functions of *family*, means none of them.

        A text is read as :func:`unittest.mock.patch` and ``setattr`` read theirs. An attribute is told by its call,
        which would raise TypeError, or by what is done with the same variable, which would raise AttributeError.
        """
        if isinstance(node, ast.Constant):
            return self._text(module, node, family)
        if not isinstance(node, ast.Attribute) or any(f.owner is None for f in family):
            return False
        call = module.source.parents.get(node)
        if isinstance(call, ast.Call) and call.func is node and not any(fits(call, f) for f in family):
            return True
        return self._is_built_in(module, node.value) or self._of_another_class(module, node, family)

    # texts -----------------------------------------------------------------------------------------------------------

    def _text(self, module: ModuleFacts, node: ast.Constant, family: Sequence[FunctionFacts]) -> bool:
        call = module.source.parents.get(node)
        if not isinstance(call, ast.Call) or not isinstance(node.value, str):
            return False
        at = next((i for i, argument in enumerate(call.args) if argument is node), None)
        if at == 0:
            head, _, name = node.value.rpartition(".")
            return bool(head) and self._differs(self._at(module, head), name, family)
        if at == 1 and last_name(call.func) != "patch":
            return self._differs(self._target(module, call.args[0]), node.value, family)
        return False

    def _at(self, module: ModuleFacts, dotted: str) -> Value | None:
        """The module or class with the name *dotted*."""
        program = self._knowledge.program
        path = program.find_module(dotted, module.path)
        if path is not None and (found := program.module(path)) is not None:
            return Module(found)
        head, _, name = dotted.rpartition(".")
        owner = self._at(module, head) if head else None
        return program.lookup(owner.facts, name) if isinstance(owner, Module) else None

    def _target(self, module: ModuleFacts, node: ast.expr) -> Value | None:
        """What *node* is if it is a global name of *module*, or a name below one."""
        root: ast.expr = node
        while isinstance(root, ast.Attribute):
            root = root.value
        if not isinstance(root, ast.Name):
            return None
        at: ast.AST | None = node
        while at is not None:
            if isinstance(at, _FUNCTIONS) and root.id in local_names(at):
                return self._imported_in(module, at, root.id) if node is root else None
            at = module.source.parents.get(at)
        return self._knowledge.static(module, node)

    def _imported_in(self, module: ModuleFacts, function: ast.AST, name: str) -> Value | None:
        """What the only binding of *name* in *function* imports, None if it is something else."""
        bindings: list[Binding] = []
        for inner in walk(function):
            match inner:
                case ast.ImportFrom(module=path, names=aliases, level=level):
                    brought = [a for a in aliases if (a.asname or a.name) == name]
                    bindings += [Binding("import", inner, path or "", a.name, level) for a in brought]
                case ast.Name(id=found, ctx=ast.Store() | ast.Del()) | ast.arg(arg=found) if found == name:
                    return None
        return self._knowledge.program.imported(bindings[0], module) if len(bindings) == 1 else None

    def _differs(self, owner: Value | None, name: str, family: Sequence[FunctionFacts]) -> bool:
        """Whether the attribute *name* of *owner* is known, and none of *family*."""
        match owner:
            case Module(facts=facts):
                value = self._knowledge.program.lookup(facts, name)
                return isinstance(value, (Function, Class, External)) and not (
                    isinstance(value, Function) and value.facts in family
                )
            case Class(facts=facts):
                return facts not in self._related(family)
            case External():
                return True
        return False

    # values ------------------------------------------------------------------------------------------------------------

    def _is_built_in(self, module: ModuleFacts, node: ast.expr) -> bool:
        """Whether *node* is a literal or a display, or a global name for one."""
        if isinstance(node, _BUILT_IN):
            return True
        if not isinstance(node, ast.Name):
            return False
        match module.bindings.get(node.id):
            case [Binding(kind="value", node=value)]:
                return isinstance(value, _BUILT_IN) and not self._is_local(module, node)
        return False

    def _is_local(self, module: ModuleFacts, node: ast.Name) -> bool:
        at: ast.AST | None = node
        while at is not None:
            if isinstance(at, _FUNCTIONS) and node.id in local_names(at):
                return True
            if any(node.id in stored_names(g.target) for g in getattr(at, "generators", [])):
                return True
            at = module.source.parents.get(at)
        return False

    # variables -------------------------------------------------------------------------------------------------------

    def _of_another_class(self, module: ModuleFacts, node: ast.Attribute, family: Sequence[FunctionFacts]) -> bool:
        """Whether what is certainly done with the variable, too, can be done with no object of *family*."""
        if not isinstance(node.value, ast.Name):
            return False
        with_it = used_with(module, node, node.value.id)
        used = {name for name in with_it if not name.startswith("__") or name == "__getitem__"}
        if not used:
            return False
        for cls in self._related(family):
            names = self._names_of(cls)
            if names is None or not any(name not in names and not self._is_stored(name) for name in used):
                return False
        return True

    def _related(self, family: Sequence[FunctionFacts]) -> set[ClassFacts]:
        return {c for f in family if f.owner is not None for c in self._knowledge.models.family(f.owner).classes}

    def _names_of(self, cls: ClassFacts) -> frozenset[str] | None:
        """The names that *cls* and its bases define, None where others cannot be excluded."""
        if cls not in self._names:
            self._names[cls] = self._defined(cls)
        return self._names[cls]

    def _defined(self, cls: ClassFacts) -> frozenset[str] | None:
        found: set[str] = set()
        for each in self._knowledge.models.lineage(cls):
            if not isinstance(each, ClassFacts):
                if each is None or not is_neutral_base(each):
                    return None
                continue
            found |= each.members.keys()
            if each.node.decorator_list or each.node.keywords or found & {"__getattr__", "__getattribute__"}:
                return None
            found.update(
                n.attr for n in walk(each.node) if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Store)
            )
        return frozenset(found)

    def _is_stored(self, name: str) -> bool:
        """Whether the program gives any object an attribute *name* from outside its class."""
        if name not in self._stored:
            program = self._knowledge.program
            self._stored[name] = any(
                name in module.source.stored_attributes
                for path in program.naming(name)
                if (module := program.module(path)) is not None
            )
        return self._stored[name]
