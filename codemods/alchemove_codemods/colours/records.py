"""Dataclasses: what is passed to their generated ``__init__`` becomes an attribute."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from alchemove_codemods.analysis.models import Models
from alchemove_codemods.facts import ClassFacts, last_name
from alchemove_codemods.values import Class, Value


def constructed(models: Models, value: Value) -> ClassFacts | None:
    """The dataclass that calling *value* makes an object of by its generated ``__init__``; None for anything else."""
    if not isinstance(value, Class):
        return None
    for cls in models.lineage(value.facts):
        if not isinstance(cls, ClassFacts) or cls.members.keys() & {"__init__", "__new__", "__post_init__"}:
            return None
        decorators = [d.func if isinstance(d, ast.Call) else d for d in cls.node.decorator_list]
        if any(last_name(d) == "dataclass" for d in decorators):
            return value.facts
        if decorators:
            return None
    return None


def assigned(models: Models, cls: ClassFacts, call: ast.Call) -> Iterator[tuple[str, ast.expr]]:
    """The attributes that *call*, which makes an object of the dataclass *cls*, sets, and what to."""
    names = list(_fields(models, cls))
    for name, argument in zip(names, call.args):
        if isinstance(argument, ast.Starred):
            break
        yield name, argument
    for keyword in call.keywords:
        if keyword.arg is not None:
            yield keyword.arg, keyword.value


def _fields(models: Models, cls: ClassFacts) -> Iterator[str]:
    """The positional parameters of the generated ``__init__``: fields of bases first (PEP 557)."""
    found: dict[str, None] = {}
    for member in reversed([c for c in models.lineage(cls) if isinstance(c, ClassFacts)]):
        for node in member.node.body:
            match node:
                case ast.AnnAssign(target=ast.Name(id=name), annotation=said) if "ClassVar" not in ast.unparse(said):
                    found[name] = None
    return iter(found)
