"""with-parent: objects that belong to another one, by the relationship between them.

    query(Address).with_parent(user, User.addresses)  ->  select(Address).where(with_parent(user, User.addresses))
    query(Address).with_parent(user)                  ->  select(Address).where(with_parent(user, User.addresses))
    query(Address).with_parent(user, "addresses")     ->  select(Address).where(with_parent(user, User.addresses))

Without the relationship, Query takes the first one that leads from the object's class to what it selects. That can be written where there is only one,
and where a variable holds an object of a known class for certain. A name instead of the attribute is taken by SQLAlchemy 1.x only, and written
out where the project allows nothing else. An alias that is selected is handed on: ``with_parent(user, User.addresses, alias)``.
"""

from __future__ import annotations

import ast

from alchemove_codemods.analysis import parents
from alchemove_codemods.facts import ClassFacts
from alchemove_codemods.pinned import only_below
from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.layout import Link
from alchemove_codemods.rewrite.views import Builder, Refusal
from alchemove_codemods.rules.select.builders import refused_order
from alchemove_codemods.values import Class, Entity, Instance, parts


@rule(
    "with-parent",
    stage="select",
    on=("with_parent",),
    reasons={
        "with-parent": "with_parent() without its property (or with from_entity) looks for the relationship itself, which cannot be told here; after a join() it means what was joined last, and an alias has to have a name. Name the relationship, or put with_parent() first."
    },
)
def with_parent(call: Builder) -> list[Link] | Refusal:
    """``.with_parent(u, Parent.rel)`` becomes ``.where(with_parent(u, Parent.rel))``."""
    named = [k for k in call.call.keywords if k.arg in ("property", "prop")]
    if len(named) != len(call.call.keywords) or len(named) > 1 or not 1 <= len(call.positional) <= 2 - len(named):
        return Refusal("with-parent")
    given = [*call.positional[1:], *(k.value for k in named)]
    relation = _relation(call, given[0] if given else None)
    entity = _alias(call)
    if relation is None or entity is None or call.before.last is not None:
        return Refusal("with-parent")
    function = call.name("with_parent", "sqlalchemy.orm")
    return refused_order(call) or [
        call.link("where", f"({function}({call.text(call.positional[0])}, {relation}{entity}))")
    ]


def _relation(call: Builder, given: ast.expr | None) -> str | None:
    """The text of the relationship, None if it cannot be told."""
    cls = _class_of(call)
    match given:
        case None:
            name = _only(call, cls) if cls is not None else None
        case ast.Constant(value=value):
            name = value if isinstance(value, str) and only_below(call.file.knowledge.sqlalchemy, (2, 0)) else None
        case _:
            return call.text(given)
    relation = call.models.attribute(cls, name) if cls is not None and name is not None else None
    text = call.name_of_entity(Class(cls)) if cls is not None else None
    if relation is None or relation.kind != "relationship" or relation.by_backref or text is None:
        return None
    return f"{text}.{name}"


def _only(call: Builder, cls: ClassFacts) -> str | None:
    match parents.entity_of(call.before.elements[0]) if call.before.elements else None:
        case Class(facts=target, some=False):
            return parents.only_relation(call.file.knowledge, cls, target)
    return None


def _class_of(call: Builder) -> ClassFacts | None:
    """The class of the object in the variable that with_parent() is given."""
    node = call.positional[0]
    match list(parts(call.value(node))):
        case [Instance(cls=ClassFacts() as cls)] if isinstance(node, ast.Name):
            return cls
    return None


def _alias(call: Builder) -> str | None:
    """The argument for the alias that is selected: nothing for a class, None if it is not known or has no name here."""
    elements = call.before.elements
    match parents.entity_of(elements[0]) if elements else None:
        case Class():
            return ""
        case Entity(model=model) if model is not None and call.chain.creation is not None:
            first = call.chain.creation.arguments[0]
            name = first.value if isinstance(first, ast.Attribute) else first
            return f", {name.id}" if isinstance(name, ast.Name) else None
    return None
