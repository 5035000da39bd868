"""Attributes that stand for columns: ``composite()`` and ``synonym()``. They change with them, and a refresh loads nothing under their names."""

from __future__ import annotations

import ast

from alchemove_codemods.analysis.declared import Attribute
from alchemove_codemods.analysis.models import Models
from alchemove_codemods.facts import ClassFacts, last_name


class Composed:
    """Answers for one program."""

    def __init__(self, models: Models) -> None:
        self._models = models
        self._found: dict[ClassFacts, dict[str, frozenset[str] | None]] = {}

    def of(self, cls: ClassFacts) -> dict[str, frozenset[str] | None]:
        """Such attributes of *cls*, each with the columns that it stands for; None if it does not tell."""
        if cls not in self._found:
            names = {name for ancestor in self._models.ancestors(cls) for name in ancestor.members}
            attributes = {name: self._models.attribute(cls, name) for name in names}
            self._found[cls] = {
                n: _columns(a) for n, a in attributes.items() if a is not None and _stands_for_others(a)
            }
        return self._found[cls]

    def loaded_by(self, cls: ClassFacts, column: str) -> frozenset[str]:
        """The attributes of *cls* that are loaded with *column*; none if that is no column itself."""
        composed = self.of(cls)
        if column in composed:
            return frozenset()
        return frozenset({column, *(n for n, columns in composed.items() if columns is None or column in columns)})

    def read_with(self, cls: ClassFacts | None, names: frozenset[str]) -> frozenset[str]:
        """*names*, and the attributes of *cls* that share a column with them."""
        composed = self.of(cls) if cls is not None else {}
        found = set(names)
        for name, columns in composed.items():
            if columns is None or name in names or columns & names:
                found |= {name, *(columns or ())}
        return frozenset(found)


def _stands_for_others(attribute: Attribute) -> bool:
    return isinstance(attribute.node, ast.Call) and last_name(attribute.node.func) in ("composite", "synonym")


def _columns(attribute: Attribute) -> frozenset[str] | None:
    assert isinstance(attribute.node, ast.Call)
    call = attribute.node
    given = call.args[1:] if last_name(call.func) == "composite" else call.args[:1]
    names = [n.id if isinstance(n, ast.Name) else n.value if isinstance(n, ast.Constant) else None for n in given]
    known = frozenset(n for n in names if isinstance(n, str))
    return known if names and len(known) == len(names) else None
