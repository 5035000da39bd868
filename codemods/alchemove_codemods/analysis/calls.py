"""Calls: of the program's functions and classes, of builtins, and of SQLAlchemy."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import NamedTuple

from alchemove_codemods.analysis import (
    attributes,
    existence,
    expressions,
    foreign,
    modern,
    queries,
    removed,
    states,
    transfer,
    wrappers,
)
from alchemove_codemods.analysis.annotations import annotated, instance_of, session_flavour
from alchemove_codemods.analysis.frame import Frame, stable_text
from alchemove_codemods.analysis.knowledge import Passing
from alchemove_codemods.analysis.names import (
    AGGREGATES,
    BASE_FACTORIES,
    BUILTIN_ITERATION,
    ITERABLE_METHODS,
    JOINED_OPTIONS,
    LOADER_OPTIONS,
    ORM_PACKAGES,
)  # fmt: skip
from alchemove_codemods.analysis.words import relevant
from alchemove_codemods.facts import FunctionFacts
from alchemove_codemods.values import (
    BOTTOM,
    NOTHING,
    PLAIN,
    SOME_CLASS,
    TEXT,
    UNKNOWN,
    Bottom,
    Class,
    Dict,
    Entity,
    Executor,
    External,
    Function,
    Instance,
    Mixed,
    Module,
    Paginated,
    Plain,
    Query,
    Rows,
    Session,
    Sql,
    Unknown,
    Value,
    certain,
    is_text,
    join,
    may_be,
    parts,
    place_of,
    queries_in,
)  # fmt: skip


class Argument(NamedTuple):
    """One argument of a call; a named tuple, since that is made twice as fast and every call of the program makes some."""

    node: ast.expr
    value: Value
    name: str | None = None
    starred: bool = False


def arguments_of(frame: Frame, node: ast.Call) -> list[Argument]:
    """Evaluate the arguments of *node* in order."""
    found = []
    for argument in node.args:
        if isinstance(argument, ast.Starred):
            value = expressions.evaluate(frame, argument.value)
            found.append(Argument(argument.value, expressions.items_of(frame, argument.value, value), starred=True))
        else:
            found.append(Argument(argument, expressions.evaluate(frame, argument)))
    for keyword in node.keywords:
        value = expressions.evaluate(frame, keyword.value)
        found.append(Argument(keyword.value, value, keyword.arg, starred=keyword.arg is None))
    return found


def call(frame: Frame, node: ast.Call) -> Value:
    """The value of the call *node*."""
    function = node.func
    if isinstance(function, ast.Attribute):
        if (
            isinstance(function.value, ast.Call)
            and isinstance(function.value.func, ast.Name)
            and function.value.func.id == "super"
        ):
            return _super_call(frame, node, function.attr)
        base = expressions.evaluate(frame, function.value)
        if may_be(base, Query):
            return queries.method(frame, node, function, base)
        if function.attr == "query":
            created = queries.session_query(frame, node, function.value, base)
            if created is not None:
                return created
        if may_be(base, Session):
            return queries.session_method(frame, node, function, base)
        if removed.concerns(base):
            return removed.method(frame, node, function, base)
        if isinstance(base, Rows):
            return modern.method(frame, node, function.attr, base)
        if is_text(base) and (made := removed.text_method(frame, node, function)) is not None:
            return made
        if function.attr in ITERABLE_METHODS and isinstance(base, (Plain, Mixed, External)) and _iterates(base):
            for argument in arguments_of(frame, node):
                expressions.items_of(frame, argument.node, argument.value)
            return UNKNOWN if function.attr != "join" else PLAIN
        if isinstance(base, Dict) and function.attr in ("get", "pop", "values", "items", "keys", "setdefault"):
            arguments_of(frame, node)
            return {"values": Plain(base.of), "items": Plain(Plain(parts=(PLAIN, base.of))), "keys": PLAIN}.get(
                function.attr, base.of
            )
        if isinstance(base, Plain) and function.attr in ("append", "add", "insert"):
            return _grown(frame, node, function, base)
        callee = attributes.attribute(frame, function, base)
        if isinstance(base, Sql):
            return _sql_method(frame, node, base, function.attr)
        queries.suspicious(frame, node, function, base)
    else:
        callee = expressions.evaluate(frame, function)
    arguments = None
    if _is_reduce(callee):
        return _reduced(frame, node)
    arguments = arguments_of(frame, node)
    joined: Value = BOTTOM
    possible = certain(callee)
    # Which of several functions is noted last must not depend on where they lie in memory.
    for part in sorted(possible, key=_defined_at) if isinstance(callee, Mixed) else possible:
        joined = join(joined, _called(frame, node, part, arguments))
    return joined


def _defined_at(value: Value) -> tuple[str, int]:
    match value:
        case Function(facts=facts) | Class(facts=facts):
            return facts.module.path, getattr(facts.node, "lineno", 0)
    return "", 0


def _iterates(base: Value) -> bool:
    return all(isinstance(v, Plain) or (isinstance(v, External) and v.last in ("chain", "str")) for v in parts(base))


def _grown(frame: Frame, node: ast.Call, function: ast.Attribute, base: Plain) -> Value:
    """``items.append(x)``: what the list holds afterwards."""
    arguments = arguments_of(frame, node)
    value = arguments[-1].value if arguments else UNKNOWN
    if isinstance(function.value, ast.Name):
        for argument in arguments:
            frame.mention(argument.node, argument.value)
        of = join(base.of if base.of is not None else (UNKNOWN if base.parts is None else BOTTOM), value)
        if expressions._depth(of) > 2:
            frame.escape(node, of, "query-stored")
            of = UNKNOWN
        frame.bind(function.value.id, Plain(of))
    else:
        frame.escape(node, value, "query-stored")
    return NOTHING


def _called(frame: Frame, node: ast.Call, callee: Value, arguments: list[Argument]) -> Value:
    match callee:
        case Unknown() | Bottom():
            pass
        case Function(facts=facts, receiver=receiver):
            return call_function(frame, node, facts, receiver, arguments)
        case Class(facts=facts):
            return _constructed(frame, node, callee, arguments)
        case External():
            return _external(frame, node, callee, arguments)
        case Session():
            for argument in arguments:
                frame.escape(argument.node, argument.value, "query-escapes")
            return callee
        case Instance(cls="sqlalchemy.orm.sessionmaker"):
            return Session("orm", "constructor")
        case Instance(cls=cls) if not isinstance(cls, str):
            method = frame.knowledge.method(cls, "__call__")
            if method is not None:
                return call_function(frame, node, method, callee, arguments)
        case Sql():
            return expressions.expression([callee, *(a.value for a in arguments)])
        case Paginated():
            return callee
        case Query():
            # A collection stands for a mock, or the attribute is no query after all.
            frame.escape(node, callee, "query-inspected")
        case Entity(model=None):
            for argument in arguments:
                frame.escape(argument.node, argument.value, "query-escapes")
            return UNKNOWN
    for argument in arguments:
        frame.escape(argument.node, argument.value, "query-escapes")
    return BOTTOM if isinstance(callee, type(BOTTOM)) else UNKNOWN


def _super_call(frame: Frame, node: ast.Call, name: str) -> Value:
    """``super().method(...)``: the method of the next class of the program."""
    arguments = arguments_of(frame, node)
    owner = frame.function.owner
    own = frame.own_instance()
    if owner is not None and own is not None:
        for ancestor in frame.knowledge.models.ancestors(owner)[1:]:
            bindings = ancestor.members.get(name)
            if bindings and bindings[-1].kind == "function":
                facts = ancestor.module.functions.get(bindings[-1].node)
                if facts is not None:
                    if isinstance(node.func, ast.Attribute):
                        frame.knowledge.settled[node.func] = Function(facts)
                    return call_function(frame, node, facts, own[1], arguments)
    for argument in arguments:
        frame.escape(argument.node, argument.value, "query-escapes")
    return UNKNOWN


def _constructed(frame: Frame, node: ast.Call, callee: Class, arguments: list[Argument]) -> Value:
    knowledge, cls = frame.knowledge, callee.facts
    flavour = session_flavour(knowledge, callee)
    if flavour:
        made = instance_of(knowledge, callee)
        return Session(flavour, "constructor", made.query_class if isinstance(made, Session) else None)
    names = [n for n in knowledge.models.lineage(cls) if isinstance(n, str)]
    if any(
        n.rsplit(".", 1)[-1] in ("SQLAlchemy", "SQLA") and n.split(".")[0] in ("flask_sqlalchemy", "flask_appbuilder")
        for n in names
    ):
        return Instance("flask_sqlalchemy.SQLAlchemy", made=place_of(node))
    possible = [cls, *knowledge.models.subclasses(cls)] if callee.some else [cls]
    initializers = dict.fromkeys(filter(None, (knowledge.method(each, "__init__") for each in possible)))
    instance = Instance(cls)
    for initializer in reversed(initializers):
        call_function(frame, node, initializer, instance, arguments)
    if not initializers:
        for argument in arguments:
            frame.escape(argument.node, argument.value, "query-stored")
    return instance


# functions of the program ------------------------------------------------------------------------------------------


def result_of(frame: Frame, function: FunctionFacts, receiver: Value | None = None) -> Value:
    """What *function* returns (a property, a context manager, a fixture), without arguments."""
    require(frame, function)
    if frame.recording:
        frame.knowledge.ahead(function)
    value = frame.knowledge.read("returns", function, "", frame.function)
    yielded = frame.knowledge.read("yields", function, "", frame.function)
    if not isinstance(yielded, type(BOTTOM)):
        return yielded if function.decorated("contextmanager", "asynccontextmanager", "fixture") else Plain(yielded)
    if queries_in(value):
        frame.knowledge.cross(value, function)
        return queries.received(frame, value, function, {}, receiver)
    if isinstance(value, (type(BOTTOM), type(UNKNOWN))):
        promised = annotated(frame.knowledge, function.module, getattr(function.node, "returns", None), function.owner)
        if promised is not None:
            return promised
    return value


def require(frame: Frame, function: FunctionFacts) -> None:
    """Interpret *function* if its text can matter for what it returns."""
    knowledge = frame.knowledge
    if function in knowledge.interpreted:
        return
    if relevant(function.module.source.segment(function.node)):
        for member in knowledge.overriding(function):
            knowledge.require(member)


def call_function(
    frame: Frame, node: ast.Call, function: FunctionFacts, receiver: Value | None, arguments: list[Argument]
) -> Value:
    """A call of a function of the program: what it passes is noted, what it returns is the value."""
    knowledge = frame.knowledge
    knowledge.calls[node.func] = function
    made = wrappers.called(frame, node, function, receiver, arguments)
    if made is not None:
        return made
    bound = bind(function, receiver, arguments)
    if bound is None:
        for argument in arguments:
            frame.escape(argument.node, argument.value, "query-escapes")
        bound = {}
    for argument in arguments:
        if isinstance(argument.value, Paginated) and "render" in function.name:
            continue
        if not any(argument is a for a in bound.values()):
            frame.escape(argument.node, argument.value, "query-escapes")
    require(frame, function)
    for name, argument in bound.items():
        passed = argument.value
        if queries_in(passed):
            frame.mention(argument.node, passed)
            if frame.recording:
                given = knowledge.passings.setdefault(node, Passing(node, function, frame.function, {}))
                given.queries[name] = queries_in(passed)[0]
            passed = transfer.handed(frame, queries.sent(frame, passed, function, bound, node), function, name)
            knowledge.cross(passed, function)
            knowledge.require(function)
        if frame.recording:
            knowledge.write("parameter", function, name, passed)
    if frame.recording:
        knowledge.callers.setdefault(function, {})[frame.function] = None
        knowledge.ahead(function)
    yielded = knowledge.read("yields", function, "", frame.function)
    if not isinstance(yielded, type(BOTTOM)):
        manager = function.decorated("contextmanager", "asynccontextmanager")
        if queries_in(yielded):
            frame.escape(node, yielded, "query-escapes")
            yielded = UNKNOWN
        return yielded if manager else Plain(yielded)
    value = knowledge.read("returns", function, "", frame.function)
    if isinstance(value, (type(BOTTOM), type(UNKNOWN))) or value == NOTHING:
        promised = annotated(knowledge, function.module, getattr(function.node, "returns", None), function.owner)
        if promised is not None:
            return promised
    if queries_in(value):
        knowledge.cross(value, function)
        value = queries.received(frame, value, function, bound, receiver, node)
    return value


def _after_star(arguments: list[Argument], argument: Argument) -> bool:
    return any(a.starred and a.name is None for a in arguments[: arguments.index(argument)])


def bind(function: FunctionFacts, receiver: Value | None, arguments: list[Argument]) -> dict[str, Argument] | None:
    """Which parameter gets which argument; None if that cannot be told (``*args``, ``**kwargs``)."""
    node = function.node
    declared = getattr(node, "args", None)
    if not isinstance(declared, ast.arguments):
        return None
    positional = [a.arg for a in [*declared.posonlyargs, *declared.args]]
    if function.is_method and receiver is not None:
        if (
            isinstance(receiver, Class)
            and not function.decorated("classmethod")
            and function.name not in ("__init__", "__new__")
        ):
            pass
        else:
            positional = positional[1:]
    names = {*positional, *(a.arg for a in declared.kwonlyargs)}
    bound: dict[str, Argument] = {}
    if any(a.starred for a in arguments):
        if any(
            queries_in(a.value) and (a.starred or (a.name is None and _after_star(arguments, a))) for a in arguments
        ):
            return None
        starred = next(i for i, a in enumerate(arguments) if a.starred)
        if all(a.name is not None or a.starred for a in arguments[starred:]) and all(
            a.name is None for a in arguments[:starred]
        ):
            # What stands before *args and **kwargs is bound all the same.
            first = bind(function, receiver, list(arguments[:starred])) or {}
            return {**first, **(bind(function, None, [a for a in arguments[starred:] if a.name is not None]) or {})}
        arguments = [a for a in arguments if not a.starred]
        if any(a.name is None for a in arguments):
            arguments = [a for a in arguments if a.name is not None]
    index = 0
    for argument in arguments:
        if argument.name is None:
            if index >= len(positional):
                continue
            bound[positional[index]] = argument
            index += 1
        elif argument.name in names:
            bound[argument.name] = argument
    return bound


# SQL expressions ---------------------------------------------------------------------------------------------------


def _sql_method(frame: Frame, node: ast.Call, base: Sql, name: str) -> Value:
    arguments = arguments_of(frame, node)
    removed.sql_method(frame, node, base, name, arguments)
    for argument in arguments:
        frame.mention(argument.node, argument.value)
    values = [a.value for a in arguments]
    if base.kind == "select" and name not in ("c", "where_"):
        if name in ("subquery", "alias", "cte", "lateral", "tablesample"):
            return Sql("table", frozenset([Entity(None, place_of(node))]), core=True)
        if name in ("scalar_subquery", "as_scalar", "label"):
            return Sql("expression", frozenset(), name=_literal(arguments), core=False)
        if name == "exists":
            return Sql("exists", core=base.core)
        return Sql(
            "select",
            core=base.core
            and not any(isinstance(v, (Class, Entity)) or (isinstance(v, Sql) and not v.core) for v in values),
            target=modern.refined(base, name),
        )
    if base.kind == "table" and name in ("alias", "subquery", "select", "tablesample", "lateral"):
        return Sql("table" if name != "select" else "select", frozenset([Entity(None, place_of(node))]), core=True)
    if base.kind == "table" and name in ("insert", "update", "delete"):
        return Sql("select", core=True)
    if base.kind == "exists":
        within = base.covered or (name == "where" and any(_brings_orm(a) for a in arguments))
        return Sql("exists", core=base.core, covered=within)
    if base.kind == "option":
        eager = base.opaque or (name in JOINED_OPTIONS and any(option_is_eager(frame, v) for v in values))
        return Sql("option", opaque=eager)
    if base.kind == "bundle":
        return base
    if name == "label":
        return Sql(
            base.kind if base.kind == "aggregate" else "expression",
            base.owners,
            base.opaque,
            _literal(arguments),
            core=base.core,
            source=base,
        )
    if base.kind == "aggregate" and name in ("filter", "cast", "distinct", "op"):
        return expressions.expression([base, *values], "aggregate", covers=name == "filter")
    if name in ("over", "within_group", "filter"):
        return expressions.expression([base, *values], operands=True, covers=True)
    if name in ("any", "has", "contains", "in_", "notin_", "not_in") and base.kind in (
        "relationship",
        "column",
        "expression",
    ):
        # What stands inside EXISTS or IN (SELECT ...) adds nothing to FROM.
        unclear = base.opaque and name in ("in_", "notin_", "not_in")
        covers = base.kind == "relationship" or name in ("any", "has")
        return Sql("expression", base.owners, unclear, core=covers or base.core, covered=covers and not base.core)
    if base.kind == "relationship" and name in ("of_type", "and_"):
        target = values[0] if name == "of_type" and values and isinstance(values[0], (Class, Entity)) else base.target
        return Sql("relationship", base.owners, base.opaque, base.name, target, source=base.source)
    keep = name if name in ("desc", "asc", "nullslast", "nullsfirst", "nulls_last", "nulls_first", "collate") else None
    made = expressions.expression([base, *values], operands=True)
    if isinstance(made, Sql) and name == "op":
        return replace(made, custom=True)
    if isinstance(made, Sql) and keep:
        return Sql("expression", made.owners, made.opaque, base.name, core=made.core)
    return made


def _conditions(value: Value) -> list[Value]:
    """The conditions of the pairs that ``case()`` is given, one by one or in a list."""
    match value:
        case Plain(parts=(Plain(parts=tuple()), *_) as pairs):
            return [c for pair in pairs for c in _conditions(pair)]
        case Plain(parts=(condition, _)):
            return [condition]
    return []


def _brings_orm(argument: Argument) -> bool:
    """Whether a criterion, or one of those that an ``and_()`` written out there joins, is of the ORM."""
    value, node = argument.value, argument.node
    if argument.starred or not isinstance(value, Sql):
        return False
    return not value.core or (value.covered and existence.joined(node) is not None)


def _literal(arguments: list[Argument]) -> str | None:
    value = arguments[0].value if arguments else None
    return value.literal if isinstance(value, Plain) and isinstance(value.literal, str) else None


def option_is_eager(frame: Frame, value: Value) -> bool:
    """Whether a joined loader option on *value* can multiply rows: not for a relationship proved to be scalar."""
    found = attributes.relationship_of(frame, value)
    if found is None and isinstance(value, Sql) and isinstance(value.source, Sql):
        found = attributes.relationship_of(frame, value.source)
    return (
        found is None
        or found.collection
        or found.target is None
        or frame.knowledge.models.eager_collections(found.target)
    )


# builtins and libraries --------------------------------------------------------------------------------------------


def _is_reduce(callee: Value) -> bool:
    return isinstance(callee, External) and callee.name == "functools.reduce"


def _reduced(frame: Frame, node: ast.Call) -> Value:
    """``reduce(lambda q, f: q.filter(f), filters, query)``: the body applied until nothing changes."""
    match node.args:
        case [ast.Lambda(args=ast.arguments(args=[first, second], defaults=[]), body=body), iterable, initial] if (
            not node.keywords
        ):
            element = expressions.items_of(frame, iterable, expressions.evaluate(frame, iterable))
            value = expressions.evaluate(frame, initial)
            frame.mention(initial, value)
            for _ in range(4):
                frame.scopes.append({first.arg: value, second.arg: element})
                result = expressions.evaluate(frame, body)
                frame.mention(body, result)
                frame.scopes.pop()
                grown = join(value, result)
                if grown == value:
                    break
                value = grown
            return value
    for argument in arguments_of(frame, node):
        frame.escape(argument.node, argument.value, "query-escapes")
    return UNKNOWN


def _external(frame: Frame, node: ast.Call, callee: External, arguments: list[Argument]) -> Value:
    name, last, top = callee.name, callee.last, callee.top
    if top == "builtins":
        return _builtin(frame, node, last, arguments)
    values = [a.value for a in arguments]
    removed.call(frame, node, callee, arguments)
    if name in foreign.MODEL_FACTORIES:
        return SOME_CLASS
    if name in (attributes.DATABASE, f"{attributes.DATABASE}.from_env", f"{attributes.DATABASE}.from_engine"):
        return Instance(attributes.DATABASE)
    if name == "alembic.op.get_bind":
        return Executor("connection")
    if top in ORM_PACKAGES:
        made = _sqlalchemy(frame, node, callee, arguments)
        if made is not None:
            return made
    if name in ("typing.cast", "typing_extensions.cast") and len(arguments) == 2:
        promised = annotated(frame.knowledge, frame.module, arguments[0].node, frame.function.owner)
        frame.mention(arguments[1].node, values[1])
        return values[1] if queries_in(values[1]) or promised is None else promised
    if name in ("contextlib.closing", "contextlib.aclosing", "copy.copy") and values and not queries_in(values[0]):
        return values[0]
    if top == "itertools" and last in (
        "chain",
        "from_iterable",
        "islice",
        "groupby",
        "count",
        "zip_longest",
        "product",
        "takewhile",
        "dropwhile",
    ):
        for argument in arguments:
            expressions.items_of(frame, argument.node, argument.value)
        return UNKNOWN
    if top == "collections" and last in ("OrderedDict", "Counter", "deque", "defaultdict"):
        for argument in arguments:
            expressions.items_of(frame, argument.node, argument.value, needs_list=last == "OrderedDict")
        return PLAIN
    for argument in arguments:
        if "render" in last and isinstance(argument.value, Paginated):
            # A template reads the attributes of a pagination, it does not look at its class.
            continue
        frame.escape(argument.node, argument.value, "query-escapes")
    if name == "typing.TypeVar":
        return _type_variable(frame, node)
    if last[:1].isupper() and not last.isupper():
        return Instance(name)
    return UNKNOWN


def _type_variable(frame: Frame, node: ast.Call) -> Value:
    for keyword in node.keywords:
        if keyword.arg == "bound":
            bound = keyword.value
            if isinstance(bound, ast.Constant) and isinstance(bound.value, str):
                found = frame.knowledge.classes_named(bound.value)
                return Class(found[0], some=True) if len(found) == 1 else UNKNOWN
            value = expressions.evaluate(frame, bound)
            return Class(value.facts, some=True) if isinstance(value, Class) else UNKNOWN
    return UNKNOWN


def _sqlalchemy(frame: Frame, node: ast.Call, callee: External, arguments: list[Argument]) -> Value | None:
    """A call of SQLAlchemy's own names; None if it is none of those that matter."""
    name, last, top = callee.name, callee.last, callee.top
    values = [a.value for a in arguments]
    positional = [a.value for a in arguments if a.name is None]
    flavour = session_flavour(frame.knowledge, callee)
    if flavour and last != "scoped_session":
        return Session(flavour, "constructor", _query_class(frame, arguments))
    match last:
        case "sessionmaker" | "async_sessionmaker":
            custom = _query_class(frame, arguments)
            made = next((a.value for a in arguments if a.name == "class_"), None)
            if made is not None and not isinstance(made, type(NOTHING)):
                instance = instance_of(frame.knowledge, made)
                if isinstance(instance, Session):
                    return Session(instance.flavour, "constructor", custom or instance.query_class)
            return Session("async" if last.startswith("async") else "orm", "constructor", custom)
        case "scoped_session":
            inner = positional[0] if positional else None
            if isinstance(inner, Session):
                return Session("scoped" if inner.flavour != "async" else "async", "constructor", inner.query_class)
            return Session("scoped", "constructor")
        case "create_session":
            return Session("orm", "constructor")
        case "object_session":
            return Session("orm", "constructor")
        case "SQLAlchemy" | "SQLA":
            return Instance("flask_sqlalchemy.SQLAlchemy", made=place_of(node))
        case "aliased" | "with_polymorphic" | "AliasedClass":
            for argument in arguments:
                frame.mention(argument.node, argument.value)
            first = positional[0] if positional else UNKNOWN
            match first:
                case Class(facts=facts, some=False):
                    return Entity(facts, place_of(node))
                case Entity(model=model):
                    return Entity(model, place_of(node))
                case Class(some=True) | External():
                    return Entity(None, place_of(node))
                case Sql():
                    return Sql("table", frozenset([Entity(None, place_of(node))]), core=True)
            return Entity(None, place_of(node))
        case "Query" if top == "sqlalchemy":
            return queries.constructed(frame, node, arguments)
        case "Bundle":
            single = any(
                a.name == "single_entity" and isinstance(a.value, Plain) and a.value.literal is True for a in arguments
            )
            owners = expressions.expression(values[1:])
            inner_owners = owners.owners if isinstance(owners, Sql) else frozenset()
            return Sql("bundle-entity" if single else "bundle", inner_owners, name=_literal(arguments))
        case "Table":
            return Sql("table", frozenset([Entity(None, place_of(node))]), core=True)
        case "inspect" | "event" | "listens_for" | "listen":
            return UNKNOWN
        case "registry":
            return Instance("sqlalchemy.orm.registry")
        case "create_engine" | "engine_from_config" if not any(a.name == "future" for a in arguments):
            return Executor("engine")
        case "MetaData" | "create_engine" | "Engine" | "create_async_engine" | "make_url" | "URL":
            return Instance(name)
    if last in BASE_FACTORIES:
        return External("sqlalchemy.Base")
    if last in LOADER_OPTIONS:
        eager = last in JOINED_OPTIONS and (not positional or any(option_is_eager(frame, v) for v in positional))
        return Sql("option", opaque=eager)
    if last in ("get_or_404", "first_or_404", "one_or_404", "paginate"):
        for argument in arguments:
            frame.escape(argument.node, argument.value, "query-escapes")
        return UNKNOWN
    for argument in arguments:
        frame.mention(argument.node, argument.value)
        if any(isinstance(v, Plain) and queries_in(v) for v in parts(argument.value)):
            frame.escape(argument.node, argument.value, "query-escapes")
    if ".func." in name or name.startswith("func."):
        made = expressions.expression(values, "aggregate" if last in AGGREGATES else "expression")
        if not isinstance(made, Sql):
            made = Sql("aggregate" if last in AGGREGATES else "expression", opaque=False, core=True)
        return made
    if last in ("union", "union_all", "intersect", "except_", "intersect_all", "except_all"):
        for argument in arguments:
            frame.escape(argument.node, argument.value, "core-set")
    match last:
        case "select":
            target = modern.selected(values) if frame.knowledge.observing else None
            core = not any(isinstance(v, (Class, Entity)) or (isinstance(v, Sql) and not v.core) for v in values)
            return Sql("select", core=core, target=target)
        case "union" | "union_all" | "intersect" | "except_" | "intersect_all" | "except_all":
            return Sql("select", core=False)
        case "exists":
            return Sql("exists", core=not any(states.is_orm(v) for v in values))
        case "and_" | "or_":
            several = len(arguments) != 1 or arguments[0].starred
            made = expressions.expression(values, covers=several)
            return made if isinstance(made, Sql) else Sql("expression", opaque=True, core=True)
        case "extract" | "over" | "within_group" | "case":
            # Of these, only the conditions of case() tell a statement that they are of the ORM.
            told = last == "case" and any(states.is_orm(c) for v in values for c in _conditions(v))
            made = expressions.expression(values, covers=not told)
            return made if isinstance(made, Sql) else Sql("expression", opaque=True, core=True)
        case "text" | "literal_column" | "quoted_name":
            return Sql("text", core=True)
        case "literal" | "null" | "true" | "false" | "bindparam" | "column":
            return Sql("expression", core=True, name=_literal(arguments) if last == "column" else None)
        case "table" | "join" | "outerjoin" | "values" | "lateral" | "alias" | "subquery":
            return Sql("table", frozenset([Entity(None, place_of(node))]), core=True)
        case "insert" | "update" | "delete":
            return Sql("select", core=False)
        case "max" | "min" | "sum" | "count":
            made = expressions.expression(values, "aggregate")
            written_out = name == f"sqlalchemy.sql.functions.{last}"
            return Sql("aggregate", core=True) if written_out and not isinstance(made, Sql) else made
    if last[:1].isupper() and not last.isupper():
        made = expressions.expression(values)
        return made if isinstance(made, Sql) else Instance(name)
    made = expressions.expression(values)
    return (
        made
        if isinstance(made, Sql)
        else (
            Sql("expression", opaque=not _names_only(values), core=True) if last in _EXPRESSION_FUNCTIONS else UNKNOWN
        )
    )


def _names_only(values: list[Value]) -> bool:
    """Whether *values* are texts, which name what is selected and bring nothing into FROM: ``desc("name")``."""
    return bool(values) and all(isinstance(v, Plain) and isinstance(v.literal, str) for v in values)


_EXPRESSION_FUNCTIONS = frozenset(
    {
        "and_",
        "or_",
        "not_",
        "case",
        "cast",
        "type_coerce",
        "desc",
        "asc",
        "distinct",
        "extract",
        "between",
        "tuple_",
        "over",
        "nullslast",
        "nullsfirst",
        "collate",
        "label",
        "within_group",
        "any_",
        "all_",
        "with_parent",
        "func",
        "expression",
        "bitwise_not",
        "try_cast",
    }
)


def _query_class(frame: Frame, arguments: list[Argument]) -> str | None:
    for argument in arguments:
        if argument.name == "query_cls":
            match argument.value:
                case External(name=name) if name.startswith("sqlalchemy.") and name.endswith(".Query"):
                    return None
                case Class(facts=facts):
                    return facts.name
            return ast.unparse(argument.node)
    return None


def _builtin(frame: Frame, node: ast.Call, name: str, arguments: list[Argument]) -> Value:
    values = [a.value for a in arguments]
    if name == "str":
        for argument in arguments:
            frame.escape(argument.node, argument.value, "query-as-text")
        return TEXT
    for argument in arguments:
        if name == "dict" and (argument.name is None):
            removed.mapping(frame, argument.node, argument.value)
    match name:
        case "type" if len(arguments) == 1:
            match values[0]:
                case Instance(cls=cls) if not isinstance(cls, str):
                    return Class(cls, some=True)
            frame.escape(arguments[0].node, values[0], "query-inspected")
            return UNKNOWN
        case (
            "isinstance"
            | "hasattr"
            | "getattr"
            | "setattr"
            | "callable"
            | "id"
            | "hash"
            | "dir"
            | "vars"
            | "issubclass"
            | "repr"
            | "print"
            | "format"
        ):
            reason = "query-as-text" if name in ("repr", "print", "format") else "query-inspected"
            for argument in arguments:
                frame.escape(argument.node, argument.value, reason)
            if name == "getattr" and len(values) >= 2:
                return _getattr(frame, node, values)
            return PLAIN
        case "super":
            return UNKNOWN
        case "bool":
            for argument in arguments:
                frame.escape(argument.node, argument.value, "truth-test")
            return PLAIN
        case "len":
            for argument in arguments:
                frame.escape(argument.node, argument.value, "query-inspected")
            return PLAIN
    if name in BUILTIN_ITERATION:
        of: Value = BOTTOM
        for argument in arguments:
            if argument.name is None and any(queries_in(v) for v in parts(argument.value)):
                of = join(
                    of,
                    expressions.items_of(frame, argument.node, argument.value, needs_list=name in ("dict", "reversed")),
                )
            elif isinstance(argument.value, Plain) and argument.value.of is not None:
                of = join(of, argument.value.of)
            else:
                of = join(of, UNKNOWN if isinstance(argument.value, type(UNKNOWN)) else PLAIN)
        if name in ("next", "min", "max"):
            return of if not isinstance(of, type(BOTTOM)) else UNKNOWN
        if name in ("list", "tuple", "set", "frozenset", "sorted", "reversed", "iter") and arguments:
            return Plain(of)
        return PLAIN
    for argument in arguments:
        frame.escape(argument.node, argument.value, "query-escapes")
    return PLAIN


def _getattr(frame: Frame, node: ast.Call, values: list[Value]) -> Value:
    match values[0], values[1]:
        case (Class() | Entity()) as owner, _:
            return Sql("column", frozenset([owner]))
        case Instance() | Module() as holder, Plain(literal=str(name)) if name.isidentifier():
            del holder, name
    return UNKNOWN


# sessions named by the user ----------------------------------------------------------------------------------------


def named_session(frame: Frame, node: ast.expr, value: Value = UNKNOWN) -> Value:
    """A session if the configuration says that this expression holds one."""
    names = frame.knowledge.session_names
    if names:
        text = stable_text(node)
        if text is not None and any(text == name or text.endswith(f".{name}") for name in names):
            return Session("orm", "configured")
    return value
