"""row-as-mapping, row-membership: rows read by name.

    row["name"]          ->  row._mapping["name"]
    row.keys()           ->  row._mapping.keys()
    dict(row)            ->  dict(row._mapping)
    "name" in row        ->  "name" in row._mapping

A row is a tuple on 2.x; what it was as a mapping is its ``_mapping``. ``in`` is rewritten where the statement itself is of a form that
2.0 removed, since on 2.x it asks for a value and is valid.
"""

from __future__ import annotations

import ast
import re

from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.removed import Gone
from alchemove_codemods.rewrite.views import Refusal


@rule(
    "row-as-mapping",
    stage="select",
    reasons={
        "row-methods": "items() or values() of a row gave a list, those of its mapping give a view; has_key() and the iter methods are gone. Use row._mapping by hand."
    },
)
def row_as_mapping(gone: Gone) -> Refusal | None:
    """Puts ``._mapping`` behind the row."""
    node = gone.record.node
    match node:
        case ast.Subscript(value=row):
            text = gone.file.module.source.text
            opening = re.compile(r"[\s)]*(?=\[)").match(text, gone.end(row))
            if opening is None or (
                not isinstance(row, (ast.Name, ast.Attribute, ast.Call, ast.Subscript))
                and opening.end() == gone.end(row)
            ):
                return Refusal("removed-layout")
            gone.insert(opening.end(), "._mapping")
        case ast.Call(func=ast.Attribute(attr="keys") as function):
            gone.insert(gone.end(function) - len("keys"), "_mapping.")
        case ast.Call(func=ast.Attribute(attr="items" | "values" as name) as function) if _gone_through(gone, node):
            gone.insert(gone.end(function) - len(name), "_mapping.")
        case ast.Call(
            func=ast.Attribute(attr="items" | "values" | "has_key" | "iteritems" | "iterkeys" | "itervalues")
        ):
            return Refusal("row-methods")
        case _:
            gone.primary(node)
            gone.insert(gone.end(node), "._mapping")
    return None


def _gone_through(gone: Gone, node: ast.expr) -> bool:
    """Whether the value is only iterated."""
    match gone.file.parents.get(node):
        case ast.For(iter=iterable) | ast.comprehension(iter=iterable):
            return iterable is node
        case ast.Call(func=ast.Name(id="list" | "dict" | "tuple" | "set" | "sorted" | "zip"), args=arguments):
            return node in arguments
    return False


@rule(
    "row-membership",
    stage="select",
    reasons={
        "row-membership": "'in' on a row asks for a name before 2.0 and for a value on 2.x, and it cannot be told which of them is meant. Use row._mapping or tuple(row)."
    },
)
def row_membership(gone: Gone) -> Refusal | None:
    """``in row._mapping``."""
    if not gone.record.legacy:
        return Refusal("row-membership")
    gone.primary(gone.record.node)
    gone.insert(gone.end(gone.record.node), "._mapping")
    return None
