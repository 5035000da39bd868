"""Which values are objects that the ORM maps."""

from __future__ import annotations

from alchemove_codemods.colours.graph import Graph
from alchemove_codemods.values import BOTTOM, UNKNOWN, Instance, Plain, Rows, Value, parts


def is_mapped_value(graph: Graph, value: Value) -> bool:
    """Whether *value* is, or holds, objects of a mapped class."""
    for part in parts(value):
        match part:
            case Instance(cls=cls) if not isinstance(cls, str):
                if graph.knowledge.models.is_mapped(cls):
                    return True
            case Plain(of=of) | Rows(of=of) if of is not None:
                if is_mapped_value(graph, of):
                    return True
    return False


def is_unknown(value: Value) -> bool:
    """Whether *value* may be, or hold, an object of a class that is not known."""
    found = list(parts(value))
    return not found or any(
        p in (UNKNOWN, BOTTOM) or (isinstance(p, Plain) and p.literal is None and (p.of is None or is_unknown(p.of)))
        for p in found
    )
