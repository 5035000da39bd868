"""Classes that are used by name alone: no variable, argument or collection ever holds them, or an object of them.

Of such a class (``class UsersLogic: @classmethod def get(cls, name): ...``) the only uses are ``UsersLogic.get``, so ``anything.get`` means another one.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from alchemove_codemods.facts import ClassFacts, FunctionFacts, ModuleFacts, last_name
from alchemove_codemods.trees import walk

if TYPE_CHECKING:
    from alchemove_codemods.analysis.knowledge import Knowledge

_WORD = re.compile(r"\w+")


class Sealed:
    """Decides once for each class; *keeps* says of a decorator of a class that it gives objects of it to nobody else."""

    def __init__(
        self,
        knowledge: Knowledge,
        named: Callable[[ModuleFacts, str], Iterable[ast.AST]],
        texts: Callable[[ModuleFacts], Iterable[str]],
        keeps: Callable[[ClassFacts, ast.expr], bool] = lambda cls, decorator: False,
    ) -> None:
        self._knowledge = knowledge
        self._named, self._texts, self._keeps = named, texts, keeps
        self._decided: dict[ClassFacts, bool] = {}

    def holds(self, function: FunctionFacts) -> bool:
        """Whether *function* is a method that is only ever reached by the names of its classes."""
        if function.owner is None or function.outer is not None:
            return False
        return all(self._is_sealed(cls) for cls in self._having(function))

    def _having(self, function: FunctionFacts) -> list[ClassFacts]:
        """The classes that have *function*, or one that overrides it."""
        assert function.owner is not None
        found = self._knowledge.overriding(function)
        family = self._knowledge.models.family(function.owner).classes
        return [cls for cls in family if self._knowledge.method(cls, function.name) in found]

    def by_name(self, module: ModuleFacts, node: ast.Attribute, function: FunctionFacts) -> bool:
        """Whether *node* takes an attribute of one of the classes that have *function*, as far as its text says."""
        names = {cls.name for cls in self._having(function)}
        base = node.value
        if isinstance(base, ast.Call):
            return last_name(base.func) == "super"
        name = last_name(base)
        if name is None or name in names:
            return name is not None
        renamed = any(node.value in self._named(module, each) for each in names)
        return renamed or name in ("self", "cls") or self._is_own(module, base)

    def _is_own(self, module: ModuleFacts, base: ast.expr) -> bool:
        """Whether *base* is the first parameter of a method around it."""
        at: ast.AST | None = base
        while at is not None and isinstance(base, ast.Name):
            function = module.functions.get(at)
            if function is not None and function.owner is not None and function.parameters[:1]:
                return function.parameters[0].arg == base.id
            at = module.source.parents.get(at)
        return False

    def _is_sealed(self, cls: ClassFacts) -> bool:
        if cls not in self._decided:
            self._decided[cls] = self._decide(cls)
        return self._decided[cls]

    def _decide(self, cls: ClassFacts) -> bool:
        if cls.outer is not None or cls.node.keywords or self._escapes_itself(cls):
            return False
        if not all(self._keeps(cls, decorator) for decorator in cls.node.decorator_list):
            return False
        for path in self._knowledge.program.mentioning(cls.name.encode()):
            module = self._knowledge.program.module(path)
            if module is None or self._is_text(module, cls.name):
                return False
            if not all(_by_attribute(module, node) for node in self._named(module, cls.name)):
                return False
        return True

    def _escapes_itself(self, cls: ClassFacts) -> bool:
        """Whether a method hands on the class, or an object of it."""
        for method in cls.methods:
            if method.decorated("staticmethod") or not method.parameters:
                continue
            own, module = method.parameters[0].arg, method.module
            for node in walk(method.node):
                if isinstance(node, ast.Name) and node.id == own and not _by_attribute(module, node):
                    return True
        return False

    def _is_text(self, module: ModuleFacts, name: str) -> bool:
        """Whether a text of *module* could look the class up: one without spaces that has its name in it."""
        return any(name in text and " " not in text and name in _WORD.findall(text) for text in self._texts(module))


def _by_attribute(module: ModuleFacts, node: ast.AST) -> bool:
    """Whether *node* stands where only an attribute of it is taken, a class is derived from it, or a type is announced."""
    parents = module.source.parents
    parent = parents.get(node)
    match parent:
        case ast.Attribute(attr=name):
            return not name.startswith("__") and name != "mro"
        case ast.Call(func=function) if function is not node:
            return last_name(function) == "super"
        case ast.ClassDef(bases=bases):
            return node in bases
    return _announces(parents, node)


def _announces(parents: dict[ast.AST, ast.AST], node: ast.AST) -> bool:
    """Whether *node* is part of an annotation."""
    at, parent = node, parents.get(node)
    while isinstance(parent, (ast.Subscript, ast.BinOp, ast.Tuple)):
        at, parent = parent, parents.get(parent)
    match parent:
        case ast.arg(annotation=annotation) | ast.AnnAssign(annotation=annotation):
            return annotation is at
        case ast.FunctionDef(returns=returns) | ast.AsyncFunctionDef(returns=returns):
            return returns is at
    return False
