"""Which relationship ``query.with_parent(user)`` finds by itself: the first one of the object's mapper that leads to what is selected."""

from __future__ import annotations

from collections.abc import Iterator

from alchemove_codemods.analysis import loose
from alchemove_codemods.analysis.declared import Attribute
from alchemove_codemods.analysis.knowledge import Knowledge
from alchemove_codemods.analysis.models import Models
from alchemove_codemods.facts import ClassFacts
from alchemove_codemods.values import Class, Element, Entity, Sql, Value


def entity_of(element: Element) -> Value | None:
    """The class or alias that *element* is, or is a column of; None if that cannot be told, or there is none."""
    value = element.value
    if element.starred:
        return None
    match element.kind, value:
        case "entity", Class() | Entity():
            return value
        case "column", Sql(kind="column", owners=owners, opaque=False, core=False) if len(owners) == 1:
            return next(iter(owners))
    return None


def only_relation(knowledge: Knowledge, cls: ClassFacts, target: ClassFacts) -> str | None:
    """The name of the only relationship from objects of *cls*, or of a class below it, to *target*."""
    models = knowledge.models
    classes = [cls, *models.subclasses(cls)]
    if not all(models.closed(each) and models.is_mapped(each) for each in classes) or loose.any_at_all(knowledge):
        return None
    if any("backref" in each.module.source.segment(each.node) for each in models.ancestors(target)):
        return None  # which may make another one
    found = [pair for each in classes for ancestor in models.ancestors(each) for pair in _relations(models, ancestor)]
    if any(relation.target is None for _, relation in found):
        return None
    match list({name: relation for name, relation in found if relation.target is target}.items()):
        case [(name, relation)] if models.attribute(cls, name) is relation:
            return name
    return None


def _relations(models: Models, cls: ClassFacts) -> Iterator[tuple[str, Attribute]]:
    """The relationships that *cls* itself makes, by name."""
    attributes = {**models.own(cls), **models.given_later(cls)}
    return ((name, attribute) for name, attribute in attributes.items() if attribute.kind == "relationship")
