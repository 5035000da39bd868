"""Generic models of pydantic that hold objects as they are: ``Page(items=users)`` of a ``class Page(BaseModel, Generic[T])``.

``Page[UserOut](items=users)`` reads the users where it is made. Without its argument nothing says what the items are, so that FastAPI reads them behind the
endpoint, where the response model says it.
"""

from __future__ import annotations

import ast

from alchemove_codemods.analysis.knowledge import Knowledge
from alchemove_codemods.facts import ClassFacts, ModuleFacts, last_name
from alchemove_codemods.trees import walk
from alchemove_codemods.values import Class, External


class Containers:
    """Answers for one program."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._answers: dict[ClassFacts, bool] = {}

    def __contains__(self, cls: object) -> bool:
        """Whether an object of the generic model *cls* may hold any others as they are."""
        if not isinstance(cls, ClassFacts):
            return False
        if cls not in self._answers:
            self._answers[cls] = self._is_generic(cls) and self._is_made_without_arguments(cls)
        return self._answers[cls]

    def _is_generic(self, cls: ClassFacts) -> bool:
        """Whether a field of *cls* is of a type variable that stands for anything."""
        if getattr(cls.node, "type_params", ()):
            return True
        return any(
            isinstance(base, ast.Subscript) and any(self._is_free(cls.module, n) for n in walk(base.slice))
            for base in cls.node.bases
        )

    def _is_free(self, module: ModuleFacts, node: ast.AST) -> bool:
        """Whether *node* is a type variable without a bound."""
        if not isinstance(node, (ast.Name, ast.Attribute)):
            return False
        if isinstance(self._knowledge.static(module, node), (Class, External)):
            return False
        found = self._knowledge.program.origin_of(module, node)
        home = self._knowledge.program.module(found[0]) if found is not None else None
        made = [b.node for b in home.bindings.get(found[1], ())] if home is not None and found is not None else []
        return any(
            isinstance(n, ast.Call) and last_name(n.func) == "TypeVar" and all(k.arg != "bound" for k in n.keywords)
            for n in made
        )

    def _is_made_without_arguments(self, cls: ClassFacts) -> bool:
        """Whether the program calls *cls* itself, and not ``cls[...]``."""
        program = self._knowledge.program
        return any(
            last_name(call.func) == cls.name
            for path in program.mentioning(f"{cls.name}(".encode())
            if (module := program.module(path)) is not None
            for call in module.source.of_kind(ast.Call)
        )
