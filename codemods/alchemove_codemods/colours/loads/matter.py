"""What relationships depend on, and whether giving an attribute a value, or adding an object, could change what they hold."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass

from alchemove_codemods.analysis.declared import Attribute
from alchemove_codemods.analysis.models import Models
from alchemove_codemods.colours.loads.options import sensitive
from alchemove_codemods.facts import ClassFacts, last_name
from alchemove_codemods.trees import walk

_SPECIAL = frozenset({"primaryjoin", "secondaryjoin", "link_model", "sa_relationship_kwargs", "sa_relationship"})


@dataclass(frozen=True, slots=True)
class Matter:
    """What relationships depend on: the columns that they go by or are sorted by, and the rows of ``classes``.

    ``classes`` is None if rows of any class may be among what they hold, or tie it. Any change of one of the ``objects`` matters. Further kinds of places may matter:
    ``sending`` what was written before, ``undoing`` it (which expires all objects), and ``direct`` statements.
    """

    attributes: tuple[Attribute, ...]
    names: frozenset[str]
    classes: frozenset[ClassFacts] | None
    objects: frozenset[ClassFacts] = frozenset()
    sending: bool = False
    undoing: bool = True
    direct: bool = True


def matter_of(models: Models, attributes: Iterable[Attribute]) -> Matter:
    """What the relationships *attributes* depend on."""
    found = tuple(attributes)
    names: set[str] = set()
    classes: set[ClassFacts] = set()
    anything = False
    for attribute in found:
        names |= sensitive(attribute)
        target = attribute.target
        anything = anything or target is None or _is_special(attribute)
        anything = anything or (attribute.secondary and _may_be_mapped(models, attribute))
        if target is not None:
            classes |= family(models, target)
    return Matter(found, frozenset(names), None if anything else frozenset(classes))


def family(models: Models, cls: ClassFacts) -> set[ClassFacts]:
    """The mapped classes whose objects may be of *cls*, or the other way round."""
    return {cls, *models.subclasses(cls), *(c for c in models.ancestors(cls) if models.is_mapped(c))}


def ties(models: Models, cls: ClassFacts, name: str, matter: Matter) -> bool:
    """Whether giving *name* of an object of *cls* a value may change what objects are tied to it, or their order."""
    mapped = models.attribute(cls, name)
    if mapped is None:
        return name in matter.names
    if not matter.objects.isdisjoint(family(models, cls)):
        return True
    if mapped.kind == "column" and not is_key(mapped):
        return name in matter.names
    if mapped.kind == "column" and mapped.primary_key:
        return True
    if mapped.kind == "column":
        return any(_goes_by_column(models, each, cls, name, mapped) for each in matter.attributes)
    if mapped.kind == "relationship" and mapped.many_to_one and mapped.target is not None and not _is_special(mapped):
        return any(_depends(models, each, cls, mapped) for each in matter.attributes)
    return True


def _goes_by_column(models: Models, read: Attribute, cls: ClassFacts, name: str, column: Attribute) -> bool:
    """Whether the relationship *read* may go by the foreign key *column* of *cls*."""
    if read.target is None or _is_special(read) or _has_composite_keys(cls):
        return True
    if read.secondary:
        return False
    if read.many_to_one:
        if read.owner not in family(models, cls) and cls not in family(models, read.owner):
            return False
        given = _foreign_keys(read)
        return name in given if given else True
    return cls in family(models, read.target)


def _depends(models: Models, read: Attribute, cls: ClassFacts, written: Attribute) -> bool:
    """Whether what *read* holds may change when the many-to-one *written* of an object of *cls* is given another object."""
    if read.target is None or written.target is None or _is_special(read) or _has_composite_keys(cls):
        return True
    if read.node is written.node and read.by_backref == written.by_backref:
        # It is what it was given, whether it was loaded before or not.
        return False
    if read.secondary:
        return False
    if read.many_to_one:
        if cls not in family(models, read.owner):
            return False
        ours, theirs = _foreign_keys(read), _foreign_keys(written)
        apart = bool(ours and theirs) and ours.isdisjoint(theirs)
        return not apart and bool(family(models, read.target) & family(models, written.target))
    return cls in family(models, read.target) and bool(family(models, read.owner) & family(models, written.target))


def _foreign_keys(attribute: Attribute) -> frozenset[str]:
    """The columns that the relationship *attribute* says to go by."""
    call = attribute.node
    given = [k.value for k in call.keywords if k.arg == "foreign_keys"] if isinstance(call, ast.Call) else []
    found: set[str] = set()
    for value in given if not attribute.by_backref else ():
        for element in value.elts if isinstance(value, (ast.List, ast.Tuple)) else [value]:
            match element:
                case ast.Constant(value=str(text)):
                    found.update(part.strip(" []").rpartition(".")[2] for part in text.split(","))
                case ast.Name(id=name) | ast.Attribute(attr=name):
                    found.add(name)
                case _:
                    return frozenset()
    return frozenset(found)


def _has_composite_keys(cls: ClassFacts) -> bool:
    return any(isinstance(n, ast.Call) and last_name(n.func) == "ForeignKeyConstraint" for n in walk(cls.node))


def _is_special(attribute: Attribute) -> bool:
    """Whether the relationship goes by more than foreign keys: rows of any class may decide what it holds."""
    return any(isinstance(n, ast.keyword) and n.arg in _SPECIAL for n in walk(attribute.node))


def _may_be_mapped(models: Models, attribute: Attribute) -> bool:
    """Whether a class of the program may be mapped to the table between both sides of *attribute*."""
    call = attribute.node
    given = [k.value for k in call.keywords if k.arg == "secondary"] if isinstance(call, ast.Call) else []
    name: str | None = None
    match given:
        case [ast.Constant(value=str(text))]:
            name = text
        case [ast.Name(id=local)]:
            name = _table(attribute.owner, local)
    return name is None or models.is_table_of_class(name)


def _table(cls: ClassFacts, local: str) -> str | None:
    """The name of the ``Table`` that *local* is where *cls* is defined."""
    bindings = cls.module.bindings.get(local, ())
    match [b.node for b in bindings]:
        case [ast.Call(args=[ast.Constant(value=str(name)), *_]) as call] if last_name(call.func) == "Table":
            return name
    return None


def is_key(attribute: Attribute) -> bool:
    """Whether the column may be one that a relationship goes by."""
    for inner in walk(attribute.node):
        match inner:
            case ast.Name(id="ForeignKey") | ast.Attribute(attr="ForeignKey") | ast.keyword(arg="foreign_key"):
                return True
    return attribute.primary_key
