"""What annotations say of what functions give: objects that may be mapped, or plain values."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from alchemove_codemods.facts import FunctionFacts, last_name
from alchemove_codemods.values import Class, External

if TYPE_CHECKING:
    from alchemove_codemods.colours.graph import Graph

_BUILTIN: Final = frozenset(
    {
        "bool",
        "bytes",
        "date",
        "datetime",
        "dict",
        "Dict",
        "Decimal",
        "float",
        "int",
        "list",
        "List",
        "None",
        "Optional",
        "str",
        "UUID",
    }
)
_VALUES: Final = ("collections.", "datetime.", "decimal.", "pydantic.", "typing.Optional", "typing.Sequence", "uuid.")
"""What names in annotations begin with that are no mapped classes."""
_CONTAINERS: Final = frozenset({"dict", "Dict", "list", "List"})


def may_give_objects(graph: Graph, function: FunctionFacts, *, inside: bool = False) -> bool:
    """Whether *function* is said to give objects of some class that may be mapped (``list[Model]``), or nothing is said.

    With *inside*, a container of which nothing more is said (``dict``) may hold some.
    """
    said = getattr(function.node, "returns", None)
    return said is None or _may_name_objects(graph, function, said, inside=inside)


def _may_name_objects(graph: Graph, function: FunctionFacts, said: ast.AST, *, inside: bool) -> bool:
    match said:
        case ast.Name() | ast.Attribute():
            return (inside and last_name(said) in _CONTAINERS) or _may_be_mapped_class(graph, function, said)
        case ast.Constant(value=str()):
            return True
        case ast.Subscript(value=container, slice=items) if last_name(container) in _CONTAINERS:
            return _may_name_objects(graph, function, items, inside=inside)
    return any(_may_name_objects(graph, function, inner, inside=inside) for inner in ast.iter_child_nodes(said))


def _may_be_mapped_class(graph: Graph, function: FunctionFacts, node: ast.Name | ast.Attribute) -> bool:
    if last_name(node) in _BUILTIN:
        return False
    match graph.knowledge.static(function.module, node):
        case Class(facts=cls):
            return not graph.readers.is_model(cls)
        case External(name=name):
            return not name.startswith(_VALUES)
    return True
