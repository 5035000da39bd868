"""What a query selects: its elements, the state it begins with, and what its rows hold."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from alchemove_codemods.analysis import inheritance
from alchemove_codemods.analysis.arguments import Argument
from alchemove_codemods.analysis.existence import existence
from alchemove_codemods.analysis.frame import Frame
from alchemove_codemods.frozen import replace
from alchemove_codemods.joining import join
from alchemove_codemods.values import (
    PLAIN,
    SOME_CLASS,
    UNKNOWN,
    Class,
    Element,
    Entity,
    External,
    Instance,
    Mixed,
    Nothing,
    Plain,
    Query,
    Row,
    Sql,
    State,
    Value,
    parts,
)  # fmt: skip

if TYPE_CHECKING:
    from alchemove_codemods.analysis.models import Models


def elements_of(arguments: list[Argument], proved: bool) -> tuple[Element, ...]:
    """The elements that the arguments of ``query(...)`` stand for; *proved* says that this is certainly a session."""
    return tuple(_element(a, proved) for a in arguments)


def _element(argument: Argument, proved: bool) -> Element:
    kinds: dict[str, Element] = {}
    for value in parts(argument.value):
        element = _element_of(value, proved, argument.node)
        before = kinds.get(element.kind)
        kinds[element.kind] = element if before is None else _either(before, element)
    if len(kinds) != 1:
        return Element("unknown", UNKNOWN, starred=argument.starred)
    return replace(next(iter(kinds.values())), starred=argument.starred)


def _either(one: Element, other: Element) -> Element:
    """What ``*columns`` stands for if that may be *one* or *other*, of the same kind."""
    value = join(one.value, other.value) if one.kind == "column" else UNKNOWN
    return replace(other, value=value, name=None)


def _element_of(value: Value, proved: bool, node: ast.expr | None = None) -> Element:
    match value:
        case Class(facts=facts):
            return Element("entity", value, facts.name if not value.some else None)
        case Entity():
            return Element("entity", value)
        case External(name=name, last=last) if (
            proved and last[:1].isupper() and not last.isupper() and not name.startswith(("sqlalchemy.", "builtins."))
        ):
            return Element("entity", SOME_CLASS, last)
        case Sql(kind="bundle"):
            return Element("bundle", value, value.name)
        case Sql(kind="bundle-entity"):
            return Element("bundle-entity", value, value.name)
        case Sql(kind="option"):
            return Element("unknown", UNKNOWN)
        case Sql(kind="exists", core=True, covered=True) if node is not None and existence(node) is not None:
            return Element("column", replace(value, source=value))
        case Sql(name=name):
            return Element("column", value, name)
        case Plain(literal=str()):
            return Element("column", value)
    return Element("unknown", UNKNOWN)


def initial(frame: Frame, elements: tuple[Element, ...]) -> State:
    """The state of a new query for *elements*."""
    froms: set[Value] = set()
    for element in elements:
        match element.value:
            case Class() | Entity():
                froms.add(element.value)
            case Sql(owners=owners):
                froms |= owners
    may = {"eager"} if any(_eager_by_default(frame, e) for e in elements) else set()
    if any(e.kind in ("entity", "unknown") and not isinstance(e.value, (Class, Entity)) for e in elements):
        may.add("dup")
    if any(isinstance(e.value, Sql) and e.value.opaque for e in elements):
        may.add("dup")
    of_orm = [e.kind in ("entity", "unknown", "bundle", "bundle-entity") or is_orm(e.value) for e in elements]
    # What is starred may be empty, but not all of it: a query of nothing is none.
    orm = any(known and not e.starred for known, e in zip(of_orm, elements)) or (bool(elements) and all(of_orm))
    state = State(elements, frozenset(may), froms=frozenset(froms))
    if any(isinstance(e.value, Sql) and e.value.kind == "exists" and e.value.source is not None for e in elements):
        state = state.with_("written-exists")
    return state.with_("orm") if orm else state


def _eager_by_default(frame: Frame, element: Element) -> bool:
    """Whether selecting *element* may join a collection eagerly without being asked to."""
    models = frame.knowledge.models
    match element.value:
        case Class(facts=facts, some=some):
            if some:
                possible = [facts] if models.is_mapped(facts) else []
                possible += [c for c in models.subclasses(facts) if possible or models.is_mapped(c)]
                return not possible or any(models.eager_collections(c) for c in possible)
            return models.eager_collections(facts)
        case Entity(model=model):
            if model is not None:
                return models.eager_collections(model)
            classes = frame.knowledge.choices.get(element.value)
            return classes is None or any(models.eager_collections(cls) for cls in classes)
    return element.kind in ("entity", "unknown")


def of_one_table(models: Models, elements: tuple[Element, ...]) -> bool:
    """Whether *elements* are columns, or objects that hold all columns of one table and nothing else."""
    return all(
        inheritance.one_table(models, e.value.facts) if isinstance(e.value, Class) else e.kind == "column"
        for e in elements
    )


def row_of(frame: Frame, query: Query) -> Value:
    """What one row of *query* is to its reader."""
    elements = query.state.elements
    if elements is None:
        return UNKNOWN
    if len(elements) == 1 and elements[0].kind in ("entity", "bundle-entity") and not elements[0].starred:
        return element_value(elements[0])
    if any(e.kind == "unknown" for e in elements) and len(elements) == 1:
        return UNKNOWN
    return Row(elements, query.component)


def element_value(element: Element) -> Value:
    """What an element of a row is to its reader."""
    match element.kind, element.value:
        case "entity", Class(facts=facts):
            return Instance(facts, stored=True)
        case "entity", Entity(model=model) if model is not None:
            return Instance(model, stored=True)
        case "column", _:
            return PLAIN
    return UNKNOWN


def is_orm(value: Value) -> bool:
    """Whether a statement with *value* in it runs through the ORM, which is what makes it autoflush."""
    match value:
        case Class() | Entity():
            return True
        case Query(state=state):
            return runs_through_orm(state)
        case Sql(core=core):
            return not core
        case Mixed(values=values):
            return all(is_orm(v) for v in values if not isinstance(v, Nothing))
    return False


def runs_through_orm(state: State) -> bool:
    """Whether the ``select()`` made of a query with *state* has something of the ORM in it; a Query itself always counts as such."""
    return bool({"orm", "from_statement", "written-exists"} & state.must)
