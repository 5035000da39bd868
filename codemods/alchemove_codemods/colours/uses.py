"""Whether every use of a function is known: a call that was followed, or an injection by FastAPI."""

from __future__ import annotations

import ast

from alchemove_codemods.analysis.knowledge import Knowledge
from alchemove_codemods.analysis.occurrences import Occurrences, called_from_outside
from alchemove_codemods.analysis.places import function_around
from alchemove_codemods.analysis.sealed import Sealed
from alchemove_codemods.colours.generators import is_contextmanager
from alchemove_codemods.colours.injected import Injected
from alchemove_codemods.colours.mocked import asks_a_mock, suits_coroutines
from alchemove_codemods.colours.protocols import Protocols
from alchemove_codemods.colours.roots import Roots
from alchemove_codemods.colours.wrapping import Wrapping
from alchemove_codemods.facts import ClassFacts, FunctionFacts, ModuleFacts, last_name, local_names, stored_names
from alchemove_codemods.locating import dotted_stem
from alchemove_codemods.values import Class, Instance, Module, Session, parts

_GIVES_RESULTS = frozenset({"execute", "scalars", "exec"})
_KEEPS_RESULTS = frozenset(
    {"scalars", "mappings", "unique", "columns", "tuples", "yield_per", "partitions", "freeze", "all"}
)
_PLAIN = frozenset({"abstractmethod", "staticmethod", "classmethod", "override"})
"""Decorators that give a method to nobody."""


class Uses(Occurrences):
    """Like :class:`Occurrences`, where ``Depends(function)`` counts as a use that is known."""

    def __init__(
        self,
        knowledge: Knowledge,
        roots: Roots,
        protocols: Protocols,
    ) -> None:
        super().__init__(knowledge)
        self._roots = roots
        self._protocols = protocols
        # FastAPI makes the objects of class-based views, and calls their endpoints.
        self._sealed = Sealed(knowledge, self.named, lambda module: self._index(module).texts, self._makes_a_view)
        self._injected = Injected(knowledge, self.named, self.may_mean, roots.evaluated)
        self.wrapping = Wrapping(knowledge, self)

    def _makes_a_view(self, cls: ClassFacts, decorator: ast.expr) -> bool:
        """Whether *decorator* gives the endpoints of the class *cls* to a router: ``@cbv(router)``."""
        given = decorator.args if isinstance(decorator, ast.Call) else []
        return any(self._roots.is_router(self._knowledge.static(cls.module, a)) for a in given)

    def _use(
        self, module: ModuleFacts, node: ast.AST, name: str, function: FunctionFacts, family: list[FunctionFacts]
    ) -> int | None:
        if isinstance(node, ast.Name) and node not in self._knowledge.calls and self._is_local(module, node, function):
            return 0
        if isinstance(node, ast.Attribute) and self._is_result(module, node.value):
            return 0
        verdict = super()._use(module, node, name, function, family)
        if verdict is None and self._injected.goes_to_fastapi(module, node):
            return 1
        if verdict is None and isinstance(node, ast.Constant) and suits_coroutines(module, node, family):
            return 0
        if verdict is None and isinstance(node, ast.Attribute) and self._is_mocked(module, node):
            return 0
        return verdict

    def _is_mocked(self, module: ModuleFacts, node: ast.Attribute) -> bool:
        """Whether *node* is asked what only a mock has, on what is no mock itself: what has replaced the function is looked at where that is done."""
        if not asks_a_mock(module, node):
            return False
        found = list(parts(self._knowledge.static(module, node.value)))
        return bool(found) and all(isinstance(v, (Class, Instance, Module)) for v in found)

    def _is_result(self, module: ModuleFacts, node: ast.expr) -> bool:
        """Whether *node* is a Result of a session, or made of one."""
        while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr in _GIVES_RESULTS:
                function = function_around(module, node)
                value = self._knowledge.observed.get(function, {}).get(node.func.value)
                if value is not None and any(isinstance(part, Session) for part in parts(value)):
                    return True
            if node.func.attr not in _KEEPS_RESULTS:
                return False
            node = node.func.value
        return False

    def _is_local(self, module: ModuleFacts, node: ast.Name, function: FunctionFacts) -> bool:
        """Whether *node* is a variable of the function around it that only has the name of *function*."""
        parents = module.source.parents
        at: ast.AST | None = node
        while at is not None:
            if isinstance(at, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
                if function.outer is not None and at is function.outer.node:
                    return False
                if node.id in local_names(at):
                    return True
            generators: list[ast.comprehension] = getattr(at, "generators", [])
            if any(node.id in stored_names(g.target) for g in generators):
                return True
            at = parents.get(at)
        return False

    def goes_to_fastapi(self, module: ModuleFacts, node: ast.AST) -> bool:
        """Whether *node* of *module* is given to FastAPI, which calls it: ``Depends(f)``, ``app.dependency_overrides[f]``."""
        return self._injected.goes_to_fastapi(module, node)

    def is_said(self, module: ModuleFacts, name: str) -> bool:
        """Whether something may look *name* of *module* up by its text: ``patch("app.users.get_db")``."""
        said = (n.value for _, nodes in self._uses(name) for n in nodes if isinstance(n, ast.Constant))
        owners = (str(text).rpartition(".")[0] for text in said)
        return any(not owner or f".{dotted_stem(module.path)}".endswith(f".{owner}") for owner in owners)

    def is_promised(self, function: FunctionFacts) -> bool:
        """Whether a Protocol of the program, which needs no inheritance, may have *function* called in a way not known."""
        return self._protocols.is_promised(function)

    def is_open(self, function: FunctionFacts) -> bool:
        """Whether calls of *function* may come from elsewhere: the decorators of routes give the function back."""
        if function in self._roots.endpoints or self._is_called_by_fastapi(function):
            return False
        return called_from_outside(self._knowledge, function, self._is_known)

    def _is_known(self, function: FunctionFacts, decorator: ast.expr) -> bool:
        """Whether what *decorator* makes is called where *function* is meant, or is a context manager made of it."""
        return self.wrapping.knows(function, decorator) or is_contextmanager(self._knowledge, function, decorator)

    def closed(self, function: FunctionFacts) -> bool:
        """Whether every use of *function* is known: a wrapper is used for what it is around."""
        wrapper = self.wrapping.wrappers.get(function)
        return super().closed(function) if wrapper is None else all(super(Uses, self).closed(f) for f in wrapper.around)

    def _is_called_by_fastapi(self, function: FunctionFacts) -> bool:
        """Whether *function* is the ``__call__`` of objects that are dependencies and nothing else."""
        if function.name != "__call__" or function.owner is None or function.decorators:
            return False
        family = self._knowledge.models.family(function.owner).classes
        return all(self._injected.makes_for_fastapi(cls) for cls in family)

    def _unreferenced(self, function: FunctionFacts) -> bool:
        if function in self._roots.endpoints:
            return True
        # Nothing has the name of the method, and no base class outside the program may call it.
        plain = all(last_name(decorator) in _PLAIN for decorator in function.decorators)
        return (function.owner is not None and plain) or super()._unreferenced(function)
