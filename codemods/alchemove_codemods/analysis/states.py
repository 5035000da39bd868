"""How each builder method changes what is known of a query."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from alchemove_codemods.analysis import attributes, configured, elements, text_options
from alchemove_codemods.analysis.frame import Frame
from alchemove_codemods.frozen import replace
from alchemove_codemods.values import UNKNOWN, Class, Entity, Nothing, Plain, Query, Sql, State, Value, parts

if TYPE_CHECKING:
    from alchemove_codemods.analysis.arguments import Argument

CRITERIA = frozenset(
    {
        "filter",
        "where",
        "having",
        "order_by",
        "group_by",
        "distinct",
        "filter_by",
        "params",
        "limit",
        "offset",
        "slice",
        "with_parent",
    }
)
WRAPPED = frozenset({"set", "from_self", "select_entity_from"})
_SETS = frozenset({"union", "union_all", "intersect", "intersect_all", "except_", "except_all"})


def step_state(frame: Frame, state: State, name: str, node: ast.Call, arguments: list[Argument]) -> State:
    """The state of a query after the builder *name* was called on it."""
    values = [a.value for a in arguments]
    # A collection of an object that is new gives what it holds; what is built on it is a query of the database.
    state = replace(state, may=state.may - {"unflushed"}, must=state.must - {"unflushed"})
    match name:
        case "filter" | "where":
            return _criteria(_restricted(state, arguments), arguments)
        case "filter_by":
            return _restricted(state, arguments).with_("filter_by")
        case "having":
            return _criteria(state.with_("having"), arguments)
        case "order_by":
            after = _criteria(state.with_("order_by"), arguments)
            texts = any(
                (isinstance(v, Plain) and isinstance(v.literal, str)) or (isinstance(v, Sql) and v.kind == "text")
                for value in values
                for v in parts(value)
            )
            return after.with_("order_by_text") if texts else after
        case "group_by":
            after = _criteria(state.with_("group_by"), arguments)
            return after.with_("group_key") if _groups_by_key(frame, state, values) else after
        case "distinct":
            return state.with_("distinct_on" if arguments else "distinct")
        case "limit":
            one = len(values) == 1 and isinstance(values[0], Plain) and values[0].literal == 1
            must = state.must - {"limit_one"}
            after = replace(state, must=must).with_("limit")
            return after.with_("limit_one") if one else after
        case "offset" | "slice":
            return state.with_("limit" if name == "slice" else "offset")
        case "join" | "outerjoin":
            return _joined(frame, state.with_("join", *(["dup"] if WRAPPED & state.may else [])), arguments)
        case "select_from":
            return _selected_from(state.with_("select_from"), values)
        case "options":
            unclear = [a.value for a in arguments if not text_options.note(frame, state, a.node)]
            joins = any(
                not isinstance(v, Sql) or v.kind != "option" or v.opaque
                for value in unclear
                for v in parts(_items(value))
            )
            telling = [v.name for value in values for v in parts(_items(value)) if isinstance(v, Sql) and v.name]
            return state.with_("options", *(["eager"] if joins else []), *telling)
        case "with_entities":
            selected = elements.elements_of(arguments, proved=True)
            fresh = elements.initial(frame, selected)
            may = (state.may - {"eager", "dup"}) | fresh.may | {"with_entities"}
            if {"options", "eager"} <= state.may:
                may |= {"eager"}
            return replace(
                state,
                elements=selected,
                may=may,
                must=state.must | fresh.must | {"with_entities"},
                froms=state.froms | fresh.froms,
            )
        case "add_columns" | "add_column" | "add_entity":
            added = elements.elements_of(arguments, proved=True)
            fresh = elements.initial(frame, added)
            everything = (*state.elements, *added) if state.elements is not None and len(state.elements) < 24 else None
            return replace(
                state.with_("add_columns"),
                elements=everything,
                may=state.may | fresh.may | {"add_columns"},
                must=state.must | fresh.must | {"add_columns"},
                froms=state.froms | fresh.froms,
            )
        case "reset_joinpoint":
            return replace(state.with_("reset_joinpoint"), last=None)
        case "yield_per":
            return state.with_("yield_per")
        case "execution_options":
            return state.with_(
                "execution_options",
                *(["yield_per"] if any(a.name == "yield_per" or a.starred for a in arguments) else []),
            )
        case "from_statement":
            return state.with_(name, "dup")
        case "from_self" | "select_entity_from":
            return _outside(state).with_(name, "dup")
        case _ if name in _SETS:
            other = [q for value in values for q in parts(value) if isinstance(q, Query)]
            eager = ["eager"] if any("eager" in q.state.may for q in other) else []
            return _outside(state).with_("set", *(["dup"] if name.endswith("_all") else []), *eager)
        case "with_parent":
            return state.with_("where", "with_parent")
    return state.with_(name)


def _restricted(state: State, arguments: list[Argument]) -> State:
    """*state* with a WHERE clause, which is certain if not all criteria are spread out of something that may be empty."""
    if any(not a.starred for a in arguments):
        return state.with_("where")
    return replace(state, may=state.may | {"where"}) if arguments else state


def _outside(state: State) -> State:
    """What is known once the statement so far is a subquery: its limits are inside."""
    inside = {"limit", "offset", "limit_one"}
    return replace(state, may=state.may - inside, must=state.must - inside)


def _items(value: Value) -> Value:
    return value.of if isinstance(value, Plain) and value.of is not None else value


def _criteria(state: State, arguments: list[Argument]) -> State:
    values = [a.value for a in arguments]
    owners: set[Value] = set(state.criteria)
    opaque = False
    # A list that is spread out may be empty.
    if any(elements.is_orm(a.value) for a in arguments if not a.starred):
        state = state.with_("orm")
    for value in values:
        for part in parts(_items(value)):
            match part:
                case Sql(owners=found, opaque=unclear):
                    owners |= found
                    opaque = opaque or unclear
                case Class() | Entity():
                    owners.add(part)
                case Plain(of=None) | Query() | Nothing():
                    pass
                case _ if isinstance(part, type(UNKNOWN)) or not isinstance(part, Plain):
                    opaque = True
    if any(isinstance(part, Sql) and part.custom for value in values for part in parts(_items(value))):
        state = state.with_("custom_operator")
    if WRAPPED & state.may and owners - {e.value for e in state.elements or ()}:
        state = state.with_("dup")
    changed = replace(state, criteria=frozenset(owners))
    return changed.with_("opaque") if opaque else changed


def _groups_by_key(frame: Frame, state: State, values: list[Value]) -> bool:
    """Whether the rows are grouped by the primary key of the only entity."""
    if not state.elements or len(values) < 1:
        return False
    entity = state.elements[0].value
    for value in values:
        if isinstance(value, Sql) and value.kind == "column" and value.name and value.owners == frozenset([entity]):
            cls = entity.facts if isinstance(entity, Class) else entity.model if isinstance(entity, Entity) else None
            found = frame.knowledge.models.attribute(cls, value.name) if cls is not None else None
            if found is not None and found.primary_key:
                return True
    return False


def _joined(frame: Frame, state: State, arguments: list[Argument]) -> State:
    positional = [a for a in arguments if a.name is None]
    if positional and all(isinstance(a.node, ast.Tuple) for a in positional):
        for argument in positional:
            state = _joined(frame, state, _of_tuple(argument))
        return state
    _note_named(frame, state, positional)
    values = [a.value for a in positional]
    targets = positional if len(positional) > 1 and all(_is_relationship(v) for v in values) else positional[:1]
    if any(elements.is_orm(v) for v in values):
        state = state.with_("orm")
    for argument in targets:
        state = _join_one(frame, state, argument.value)
    if any(a.starred for a in arguments):
        state = replace(state.with_("dup"), last=UNKNOWN)
    # The ON clause of an explicit target names entities that are joined, or reached before.
    if len(positional) == 2 and isinstance(values[1], Sql) and not _is_relationship(values[0]):
        state = replace(state, criteria=state.criteria | values[1].owners)
    return state


def _note_named(frame: Frame, state: State, positional: list[Argument]) -> None:
    """Keep the texts among *positional* that name what only a backref makes: written out, it has to exist by then."""
    cls = text_options.first_class(state)
    for argument in positional:
        for name in (text_options.text_of(argument.node) or "").split("."):
            found = frame.knowledge.models.attribute(cls, name) if cls is not None and name else None
            if cls is not None and found is not None:
                configured.note(frame, argument.node, cls, name)
                cls = found.target


def _of_tuple(argument: Argument) -> list[Argument]:
    """The target and the ON clause of ``join((target, on))``, as if they were given one by one."""
    assert isinstance(argument.node, ast.Tuple)
    value = argument.value
    known = value.parts if isinstance(value, Plain) else None
    nodes = argument.node.elts
    if known is None or len(known) != len(nodes):
        known = (UNKNOWN,) * len(nodes)
    return [argument._replace(node=node, value=part) for node, part in zip(nodes, known)]


def _is_relationship(value: Value) -> bool:
    return isinstance(value, Sql) and value.kind == "relationship"


def _join_one(frame: Frame, state: State, value: Value) -> State:
    match value:
        case Sql(kind="relationship", target=target):
            found = attributes.relationship_of(frame, value)
            base = value.source if isinstance(value.source, Sql) else value
            found = found or attributes.relationship_of(frame, base)
            goal: Value = target if target is not None else UNKNOWN
            single = found is not None and found.many_to_one
            froms = state.froms | {goal} if goal != UNKNOWN else state.froms
            after = replace(state, last=goal, froms=froms)
            if single:
                return replace(
                    after,
                    criteria=after.criteria,
                    froms=after.froms - ({goal} - state.froms),
                    may=after.may | {"single-join"},
                )
            return after.with_("dup") if goal == UNKNOWN else after
        case Class() | Entity():
            return replace(state, last=value, froms=state.froms | {value})
        case Sql(kind="table" | "select"):
            owner = next(iter(value.owners), UNKNOWN)
            return replace(state.with_("dup", "join_table"), last=value, froms=state.froms | {owner})
    return replace(state.with_("dup"), last=UNKNOWN)


def _selected_from(state: State, values: list[Value]) -> State:
    froms: set[Value] = set(state.froms)
    last: Value | None = UNKNOWN
    dup = False
    for value in values:
        match value:
            case Class() | Entity():
                froms.add(value)
                last = value if len(values) == 1 else UNKNOWN
            case Sql(kind="table" | "select", owners=owners) if owners:
                froms |= owners
                last = value
                dup = True
            case _:
                dup = True
    after = replace(state, froms=frozenset(froms), last=last)
    if any(elements.is_orm(v) for v in values):
        after = after.with_("orm")
    return after.with_("dup") if dup else after
