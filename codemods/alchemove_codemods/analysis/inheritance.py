"""Which mapped classes inherit from another one: those have a discriminator, or more tables than one."""

from __future__ import annotations

import ast

from alchemove_codemods.analysis import declared
from alchemove_codemods.analysis.models import Models
from alchemove_codemods.analysis.names import MAPPING_DECORATORS
from alchemove_codemods.facts import ClassFacts, last_name
from alchemove_codemods.values import External


def inherits(models: Models, cls: ClassFacts) -> bool:
    """Whether *cls* is mapped below another mapped class."""
    return any(c is not cls and _has_a_mapper(models, c) for c in models.ancestors(cls))


def one_table(models: Models, cls: ClassFacts) -> bool:
    """Whether what is loaded with an object of *cls* is all columns of one table, and nothing else."""
    attributes = (a for c in models.ancestors(cls) for a in models.own(c).values())
    return not any(a.kind == "column" and declared.is_special(a.node) for a in attributes) and not inherits(models, cls)


def _has_a_mapper(models: Models, cls: ClassFacts) -> bool:
    """Whether *cls* is mapped itself: no mixin, no abstract class, no base that is there for its subclasses."""
    if not models.is_mapped(cls) or _is_abstract(cls) or _decorated(cls, "as_declarative"):
        return False
    if any(
        isinstance(b, External) and b.name.rpartition(".")[2].startswith("DeclarativeBase") for b in models.bases(cls)
    ):
        return False
    lineage = models.lineage(cls)
    foreign = [c for c in lineage if not isinstance(c, ClassFacts) and c not in declared.NEUTRAL_BASES]
    declarative = any(isinstance(c, ClassFacts) and _decorated(c, "as_declarative") for c in lineage)
    return bool(foreign) or declarative or _decorated(cls, *MAPPING_DECORATORS) or models.is_imperative(cls)


def _is_abstract(cls: ClassFacts) -> bool:
    bindings = cls.members.get("__abstract__", [])
    return any(isinstance(b.node, ast.Constant) and b.node.value is True for b in bindings)


def _decorated(cls: ClassFacts, *names: str) -> bool:
    return any(last_name(decorator) in names for decorator in cls.node.decorator_list)
