"""Attributes that libraries read by name: what a schema of marshmallow, graphene, pydantic or Flask-RESTful declares."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from alchemove_codemods.analysis.declared import is_base, is_neutral_base
from alchemove_codemods.facts import ClassFacts, ModuleFacts

if TYPE_CHECKING:
    from alchemove_codemods.analysis.knowledge import Knowledge


def is_declared(knowledge: Knowledge, name: str) -> bool:
    """Whether a schema of the program has the field *name*, which has the attribute read from any object."""
    program = knowledge.program
    for path in program.naming(name):
        module = program.module(path)
        if module is not None and (
            any(name in cls.members and _is_schema(knowledge, cls) for cls in module.classes.values())
            or _is_marshalled(module, name)
        ):
            return True
    return False


def _is_schema(knowledge: Knowledge, cls: ClassFacts) -> bool:
    """Whether *cls* is derived from a class of a library that may look at its attributes, and is no model."""
    return not knowledge.models.is_mapped(cls) and any(
        base is None
        or (isinstance(base, str) and not is_base(base) and (base.startswith("pydantic.") or not is_neutral_base(base)))
        for base in knowledge.models.lineage(cls)
    )


def _is_marshalled(module: ModuleFacts, name: str) -> bool:
    """Whether *module* describes objects by dictionaries, ``{"posts": fields.List(...)}``, one of which has the key *name*."""
    if "marshal" not in module.source.text and "flask_rest" not in module.source.text:
        return False
    return any(
        isinstance(key, ast.Constant) and key.value == name and not isinstance(value, ast.Constant)
        for node in module.source.of_kind(ast.Dict)
        for key, value in zip(node.keys, node.values)
    )
