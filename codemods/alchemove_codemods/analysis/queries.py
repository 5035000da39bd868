"""Queries: where they are made, what is called on them, and how their session travels with them."""

from __future__ import annotations

import ast
import functools

from alchemove_codemods.analysis import (
    bound_methods,
    calls,
    configured,
    entities,
    expressions,
    foreign,
    given_sessions,
    hashing,
    persistence,
    query_classes,
    replaced,
    secondary,
    states,
    transfer,
    wrappers,
)
from alchemove_codemods.analysis.arguments import Argument, literal
from alchemove_codemods.analysis.declared import Attribute
from alchemove_codemods.analysis.elements import element_value, elements_of, initial, row_of, runs_through_orm
from alchemove_codemods.analysis.frame import Frame, stable_text
from alchemove_codemods.analysis.names import BUILDERS, QUERY_METHODS
from alchemove_codemods.analysis.rebound import rebound
from alchemove_codemods.analysis.records import Creation, RowUse, Step
from alchemove_codemods.facts import ClassFacts, last_name
from alchemove_codemods.frozen import replace
from alchemove_codemods.joining import join
from alchemove_codemods.pinned import only_below
from alchemove_codemods.query_kinds import together
from alchemove_codemods.values import (
    BOTTOM,
    NOTHING,
    PLAIN,
    SOME_CLASS,
    UNKNOWN,
    Brought,
    Class,
    Element,
    Entity,
    External,
    Held,
    Instance,
    Module,
    Paginated,
    Plain,
    Query,
    Row,
    Session,
    Sql,
    Value,
    parts,
    place_of,
    queries_in,
)  # fmt: skip

# creation ----------------------------------------------------------------------------------------------------------


def proves(frame: Frame, value: Value) -> bool:
    """Whether only a session's ``query`` takes *value*: a mapped class, an alias, a SQL expression."""
    match value:
        case Class(facts=facts):
            return frame.knowledge.models.is_mapped(facts) or (
                value.some
                and any(frame.knowledge.models.is_mapped(c) for c in frame.knowledge.models.subclasses(facts))
            )
        case Entity():
            return value != SOME_CLASS
        case Sql(kind=kind):
            return kind != "option"
    return False


def session_query(frame: Frame, node: ast.Call, receiver: ast.expr, base: Value) -> Value | None:
    """``receiver.query(...)``: a new query if *base* is proved to be a session, by itself or by the arguments."""
    if _is_of_a_mock(receiver, base):
        frame.suspect(node, "mocked-query", "mocked-query")
        return UNKNOWN
    sessions = [v for v in parts(base) if isinstance(v, Session)]
    others = [v for v in parts(base) if not isinstance(v, (Session, type(NOTHING), type(BOTTOM)))]
    if any(s.flavour == "async" for s in sessions):
        return None
    if others and not sessions:
        if any(isinstance(v, (Plain, Row)) or (isinstance(v, Sql) and v.kind != "column") for v in others):
            return None
        for other in others:
            if (
                isinstance(other, Instance)
                and not isinstance(other.cls, str)
                and (own := frame.knowledge.method(other.cls, "query")) is not None
                and not own.is_property
            ):
                return None
            if isinstance(other, Class) and _has_own_query(frame, other.facts):
                return None
            if isinstance(other, Module) and frame.knowledge.program.lookup(other.facts, "query") is not None:
                # ``db.query(User)`` of a module of helpers: whatever its function gives, the module is no session.
                return None
    if any(k.arg is not None and k.arg != "entities" for k in node.keywords) and not sessions:
        return None
    arguments = calls.arguments_of(frame, node)
    wrapper = wrappers.wrapper_of(frame.function)
    if wrapper is not None and wrapper.call is node:
        frame.suspect(node, "query-wrapper", "query-wrapper")
        return UNKNOWN
    proved = bool(sessions) and not [v for v in others if not isinstance(v, type(UNKNOWN))]
    by_argument = bool(arguments) and all(proves(frame, v) for v in parts(arguments[0].value))
    taken = by_argument
    if by_argument and not sessions and wrappers.may_be_stand_in(frame.knowledge, receiver):
        by_argument = False
    if not proved and not by_argument and arguments and _looks_like_site(frame, node, receiver, arguments):
        first = arguments[0].value
        by_argument = isinstance(first, External) and foreign.is_queried(frame, node, first)
    if not proved and not by_argument:
        elsewhere = proved_elsewhere(frame, receiver)
        if elsewhere is not None and not [v for v in others if not isinstance(v, type(UNKNOWN))]:
            sessions, proved = [elsewhere], True
    if not proved and not by_argument:
        if (
            taken
            or sessions
            or _looks_like_site(frame, node, receiver, arguments)
            or (isinstance(base, (type(UNKNOWN), type(BOTTOM))) and foreign.may_be_queried(frame, node, arguments))
        ):
            frame.suspect(node, "session-query", "session-not-proved")
        elif (
            arguments
            and isinstance(receiver, ast.Name)
            and not isinstance(arguments[0].node, (ast.Constant, ast.JoinedStr))
        ):
            frame.knowledge.open_questions[frame.function] = None
        for argument in arguments:
            frame.escape(argument.node, argument.value, "query-escapes")
        # What the session is may still become known: nothing is said of the result until then.
        return UNKNOWN if others else BOTTOM
    frame.knowledge.settled[node.func] = PLAIN
    if by_argument and not proved and any(_is_of_the_program(v) for v in others):
        frame.suspect(node, "session-query", "session-not-proved")
        for argument in arguments:
            frame.escape(argument.node, argument.value, "query-escapes")
        return UNKNOWN
    session = sessions[0] if sessions else Session("orm", "argument")
    if by_argument and not sessions and frame.recording:
        for key in _receiver_keys(frame, receiver):
            frame.knowledge.write("proved", key, "", Session("orm", "inferred"))
    if len(sessions) > 1:
        session = Session("orm", "inferred", functools.reduce(together, [s.query_class for s in sessions]))
    for argument in arguments:
        frame.mention(argument.node, argument.value)
    elements = tuple(
        Element("entity", SOME_CLASS)
        if e.kind == "unknown" and not e.starred and entities.is_entity(frame, node, a.node)
        else e
        for e, a in zip(elements_of(arguments, proved=True), arguments)
    )
    custom = session.query_class
    if custom is None and session.flavour == "flask":
        custom = query_classes.of_extension(frame.knowledge)  # which db.session.query() makes as well
    elif custom is None and session.proof != "constructor":
        custom = query_classes.of_any_session(frame.knowledge)
    custom = together(custom, query_classes.out_of_calls(frame.knowledge))
    custom = together(custom, replaced.of_sessions(frame.knowledge))
    value = Query(initial(frame, elements), frame.held(receiver, base), session.flavour, custom)
    if session.proof in ("argument", "inferred"):
        value = replace(value, state=value.state.with_("unproved-session"))
    frame.note(Creation(node, "session-query", receiver, value, frame.function, [a.node for a in arguments]))
    return value


def _is_of_a_mock(receiver: ast.expr, base: Value) -> bool:
    """Whether *receiver* is a mock, or what tells the calls that one expects: ``mock.call.query(User)``, with the fixture of pytest-mock as well."""
    match receiver, base:
        case ast.Attribute(value=ast.Name(id="mocker"), attr="call"), _:
            return True
        case _, External(name=name) | Instance(cls=str(name)):
            return name.rpartition(".")[0] in ("unittest.mock", "mock", "mock.mock")
    return False


def _has_own_query(frame: Frame, cls: ClassFacts) -> bool:
    """Whether ``query`` of the class *cls* is its own: a method that it or a base has, or what mapped classes are given."""
    models = frame.knowledge.models
    return models.is_mapped(cls) or any("query" in ancestor.members for ancestor in models.ancestors(cls))


def _is_of_the_program(value: Value) -> bool:
    """Whether *value* is a class of the program or an object of one, which are no sessions by themselves."""
    return isinstance(value, Class) or (isinstance(value, Instance) and not isinstance(value.cls, str))


def _receiver_keys(frame: Frame, receiver: ast.expr) -> list[tuple[object, ...]]:
    """What identifies the place that holds a session: a name or path of one function, an attribute of one class, or the function that gave it."""
    keys: list[tuple[object, ...]] = []
    text = stable_text(receiver)
    if text is not None:
        root = text.split(".", 1)[0].split("[", 1)[0]
        owner = frame.owner_of(root)
        if owner is None or not rebound(owner.node, root):
            keys.append((owner or frame.module, text))
            if text == root and owner is frame.function and (giver := given_sessions.giver_of(frame, text)) is not None:
                keys.append(giver)
    if isinstance(receiver, ast.Attribute):
        for holder in parts(expressions.evaluate(frame, receiver.value)):
            if isinstance(holder, Instance) and not isinstance(holder.cls, str):
                keys += [(cls, receiver.attr) for cls in frame.knowledge.models.ancestors(holder.cls)]
    return keys


def proved_elsewhere(frame: Frame, receiver: ast.expr) -> Session | None:
    """The session that the same place was proved to hold by the arguments of another ``query(...)``."""
    for key in _receiver_keys(frame, receiver):
        value = frame.knowledge.read("proved", key, "", frame.function)
        if isinstance(value, Session):
            return value
    return None


def _looks_like_site(frame: Frame, node: ast.Call, receiver: ast.expr, arguments: list[Argument]) -> bool:
    """Whether an unproved ``x.query(...)`` is worth a report: a session-like name and an argument that is no text."""
    source = frame.module.source
    if foreign.OTHER_CLIENTS.match(source.text, source.end(node)):
        return False
    plain = [a.node for a in arguments if not a.starred]
    if not arguments or any(isinstance(n, (ast.JoinedStr, ast.Constant, ast.Dict, ast.List)) for n in plain):
        return False
    if any(isinstance(v, Plain) and v.literal is not None for v in parts(arguments[0].value)):
        return False
    match receiver:
        case ast.Subscript(slice=ast.Constant(value=str(key))):
            name = key.lower()
        case _:
            name = (last_name(receiver) or "").lower()
    return any(word in name for word in ("sess", "sesh", "db")) or name in ("s", "ssn", "store", "tx", "transaction")


def constructed(frame: Frame, node: ast.Call, arguments: list[Argument]) -> Value:
    """``Query(E, session)``."""
    by_name = {a.name: a for a in arguments if a.name}
    positional = [a for a in arguments if a.name is None]
    first = by_name.get("entities") or (positional[0] if positional else None)
    session = by_name.get("session") or (positional[1] if len(positional) > 1 else None)
    if first is None:
        return UNKNOWN
    for argument in arguments:
        frame.mention(argument.node, argument.value)
    selected = [first]
    nodes: list[ast.expr] = [first.node]
    if (
        isinstance(first.node, (ast.List, ast.Tuple))
        and isinstance(first.value, Plain)
        and first.value.parts is not None
    ):
        nodes = list(first.node.elts)
        selected = [Argument(n, v) for n, v in zip(nodes, first.value.parts)]
    elements = elements_of(selected, proved=True)
    held = frame.held(session.node, session.value) if session is not None else None
    value = Query(initial(frame, elements), held)
    frame.note(
        Creation(node, "query-constructor", session.node if session is not None else None, value, frame.function, nodes)
    )
    return value


def dynamic(frame: Frame, node: ast.Attribute, owner: Instance, relation: Attribute) -> Value:
    """A dynamic relationship of an object."""
    target: Value = Class(relation.target) if relation.target is not None else UNKNOWN
    element = Element("entity", target)
    state = initial(frame, (element,))
    extra = {"dynamic", "where"} | ({"order_by"} if relation.order_by is not None else set())
    if not persistence.is_kept(frame, owner):
        extra.add("unflushed")
    if relation.secondary or relation.target is None:
        extra |= {"dynamic-secondary", "dup"}
    text = stable_text(node.value)
    held = (
        Held(f"object_session({text})", text.split(".", 1)[0], frame.owner_of(text.split(".", 1)[0])) if text else None
    )
    query = Query(state.with_(*extra), held)
    cls = owner.cls if not isinstance(owner.cls, str) else None
    frame.note(Creation(node, "dynamic-relationship", node.value, query, frame.function, owner=cls))
    return query


# methods -----------------------------------------------------------------------------------------------------------


def method(frame: Frame, node: ast.Call, function: ast.Attribute, base: Value) -> Value:
    """A method called on a query."""
    name = function.attr
    arguments = calls.arguments_of(frame, node)
    queries = [v for v in parts(base) if isinstance(v, Query)]
    others = [v for v in parts(base) if v != NOTHING and not isinstance(v, (Query, type(BOTTOM)))]
    neutral = transfer.is_neutral(name, [a.value for a in arguments])
    if others and not neutral:
        frame.escape(node, base, "mixed-value")
    query = queries[0]
    frame.knowledge.settled[function] = PLAIN
    if "dynamic" in query.state.must and name in ("append", "remove", "extend", "add", "add_all", "select", "insert"):
        # Not a query: the collection itself is changed, or asked for a statement already.
        frame.forget(function.value)
        for argument in arguments:
            frame.escape(argument.node, argument.value, "query-escapes")
        return NOTHING
    if query_classes.overrides(frame.knowledge, query, name):
        frame.escape(node, query, "custom-query-class", name)
        for argument in arguments:
            frame.escape(argument.node, argument.value, "query-escapes")
        return UNKNOWN
    values = [a.value for a in arguments]
    for argument in arguments:
        _tie(frame, query, name, argument)
    if name == "filter_by":
        configured.note_keywords(frame, node, query, {a.node: a.value for a in arguments})
    if name in BUILDERS:
        after = states.step_state(frame, query.state, name, node, arguments)
        after = secondary.noted(frame, query.state, after, name, arguments)
        unclear = [v for v in others if not transfer.is_select(v)]
        frame.note(Step(node, name, function.value, query, after, frame.function, values, as_is=bool(unclear)))
        held = query.held
        if name == "with_session" and arguments:
            held = frame.held(arguments[0].node, arguments[0].value)
        passed = transfer.stepped(frame, query.passed, name, node, arguments)
        made: Value = replace(query, state=after, held=held, passed=passed)
        for other in others if neutral else ():
            made = join(made, other if isinstance(other, Brought) or transfer.is_select(other) else UNKNOWN)
        return made
    if name in QUERY_METHODS:
        frame.note(Step(node, name, function.value, query, None, frame.function, values))
        return _ended(frame, node, query, name, arguments)
    frame.escape(node, query, "unknown-method", name)
    for argument in arguments:
        frame.escape(argument.node, argument.value, "query-escapes")
    return UNKNOWN


def _tie(frame: Frame, query: Query, name: str, argument: Argument) -> None:
    """Queries among the arguments: the other side of a union converts together with this one."""
    frame.mention(argument.node, argument.value)
    inner = queries_in(argument.value)
    if not inner:
        return
    if name in ("union", "union_all", "intersect", "intersect_all", "except_", "except_all"):
        for other in inner:
            other.component.unite(query.component)
    elif (
        name not in states.CRITERIA
        and name
        not in (
            "values",
            "update",
            "add_columns",
            "with_entities",
            "join",
            "outerjoin",
            "select_from",
            "select_entity_from",
            "options",
        )
    ) or (any(isinstance(v, Plain) for v in parts(argument.value)) and not argument.starred):
        frame.escape(argument.node, argument.value, "query-escapes")


def _ended(frame: Frame, node: ast.expr, query: Query, name: str, arguments: list[Argument]) -> Value:
    """The value of a method that ends the query."""
    core = not runs_through_orm(query.state)
    below = only_below(frame.knowledge.sqlalchemy, (2, 0))
    match name:
        case "all" | "values":
            return Plain(row_of(frame, query)) if name == "all" else PLAIN
        case "first" | "one" | "one_or_none" | "first_or_404" | "one_or_404":
            row = row_of(frame, query)
            return row if name in ("one", "first_or_404", "one_or_404") else join(row, NOTHING)
        case "get" | "get_or_404":
            row = row_of(frame, query)
            return row if name == "get_or_404" else join(row, NOTHING)
        case "scalar":
            elements = query.state.elements
            if elements and elements[0].kind == "entity":
                return join(element_value(elements[0]), NOTHING)
            return PLAIN
        case "subquery" | "cte" | "alias":
            names = hashing.of_elements(frame.knowledge.models, query.state.elements)
            core = core or (below and "set" in query.state.may)
            return Sql("table", frozenset([Entity(None, place_of(node))]), core=core, unhashable=names)
        case "scalar_subquery" | "as_scalar" | "label":
            names = hashing.of_elements(frame.knowledge.models, query.state.elements)
            return hashing.marked(Sql("expression", name=literal(arguments), core=core or below), names)
        case "exists":
            return Sql("exists", core=core)
        case "paginate":
            return Paginated(query.component)
        case "__iter__":
            return Plain(row_of(frame, query))
    return PLAIN


def attribute(frame: Frame, node: ast.Attribute, query: Query) -> Value:
    """An attribute of a query that is not called."""
    name = node.attr
    frame.knowledge.settled[node] = PLAIN
    if name in ("statement", "whereclause", "selectable", "column_descriptions", "is_single_entity"):
        frame.note(Step(node, name, node.value, query, None, frame.function))
        if name == "statement":
            return Sql("select", core=not runs_through_orm(query.state))
        return Sql("expression", query.state.froms) if name in ("whereclause", "selectable") else PLAIN
    if name == "session":
        frame.note(Step(node, name, node.value, query, None, frame.function))
        frame.knowledge.sessions_of_queries[node] = query.held
        return Session("orm", "inferred")
    if bound_methods.is_only_called(frame, node, query):
        frame.note(Step(node, bound_methods.METHODS[name], node.value, query, None, frame.function))
    else:
        frame.escape(node, query, "query-inspected", name)
    return UNKNOWN


def item(frame: Frame, node: ast.Subscript, base: Value, key: Value) -> Value:
    """``query[...]``."""
    queries = [v for v in parts(base) if isinstance(v, Query)]
    if len(queries) != len(list(parts(base))):
        frame.escape(node, base, "mixed-value")
    query = queries[0]
    if query_classes.overrides(frame.knowledge, query, "__getitem__"):
        frame.escape(node, query, "custom-query-class", "__getitem__")
    frame.note(Step(node, "__getitem__", node.value, query, None, frame.function, [key]))
    row = row_of(frame, query)
    return Plain(row) if isinstance(node.slice, ast.Slice) else row


def row_item(frame: Frame, node: ast.Subscript, row: Row) -> None:
    """``row[...]``: only a text key is more than a position."""
    if not isinstance(node.slice, (ast.Slice, ast.UnaryOp)) and not (
        isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, int)
    ):
        frame.note(RowUse(node, row, frame.function))
