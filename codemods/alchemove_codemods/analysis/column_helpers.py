"""Columns that functions of the program make: ``id = types.Id()``, where ``Id`` returns ``Column(UUID, primary_key=True)``."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from alchemove_codemods.analysis import declared
from alchemove_codemods.facts import ClassFacts, last_name
from alchemove_codemods.frozen import replace
from alchemove_codemods.trees import walk
from alchemove_codemods.values import Function

if TYPE_CHECKING:
    from alchemove_codemods.analysis.knowledge import Knowledge

_COLUMNS = ("Column", "mapped_column")


def made(knowledge: Knowledge, cls: ClassFacts, call: ast.Call) -> declared.Attribute | None:
    """The column that *call* makes in the body of *cls*; None if it is no call of a function that only makes columns."""
    match knowledge.static(cls.module, call.func, cls):
        case Function(facts=facts) if isinstance(facts.node, ast.FunctionDef) and not facts.decorators:
            returned = [n.value for n in walk(facts.node) if isinstance(n, ast.Return)]
        case _:
            return None
    columns = [
        declared.column(cls, value)
        for value in returned
        if isinstance(value, ast.Call) and last_name(value.func) in _COLUMNS and not declared.is_special(value)
    ]
    if not columns or len(columns) != len(returned) or declared.is_special(call):
        return None
    own = declared.column(cls, call)
    return replace(
        own,
        primary_key=own.primary_key or any(c.primary_key for c in columns),
        unhashable=own.unhashable or any(c.unhashable for c in columns),
    )
