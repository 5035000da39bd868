"""Calls of SQLAlchemy's own names, and of methods of its expressions."""

from __future__ import annotations

import ast
from typing import Literal

from alchemove_codemods.analysis import (
    attributes,
    calls,
    elements,
    existence,
    hashing,
    modern,
    operators,
    queries,
    query_classes,
    removed,
)
from alchemove_codemods.analysis.annotations import instance_of, session_flavour
from alchemove_codemods.analysis.arguments import Argument, literal
from alchemove_codemods.analysis.frame import Frame
from alchemove_codemods.analysis.names import (
    AGGREGATES,
    BASE_FACTORIES,
    JOINED_OPTIONS,
    LOADER_OPTIONS,
)  # fmt: skip
from alchemove_codemods.frozen import replace
from alchemove_codemods.pinned import only_below
from alchemove_codemods.query_kinds import QueryClass
from alchemove_codemods.values import (
    NOTHING,
    UNKNOWN,
    Class,
    Entity,
    Executor,
    External,
    Instance,
    Plain,
    Session,
    Sql,
    Value,
    parts,
    place_of,
    queries_in,
)  # fmt: skip


def sql_method(frame: Frame, node: ast.Call, base: Sql, name: str) -> Value:
    """What a method *name* of the SQL expression *base* gives."""
    arguments = calls.arguments_of(frame, node)
    removed.sql_method(frame, node, base, name, arguments)
    for argument in arguments:
        frame.mention(argument.node, argument.value)
    values = [a.value for a in arguments]
    if base.kind == "select" and name not in ("c", "where_"):
        if name in ("subquery", "alias", "cte", "lateral", "tablesample"):
            alias = frozenset([Entity(None, place_of(node))])
            return Sql("table", alias, core=True, unhashable=base.unhashable)
        if name in ("scalar_subquery", "as_scalar", "label"):
            core = base.core or only_below(frame.knowledge.sqlalchemy, (2, 0))
            return hashing.marked(Sql("expression", name=literal(arguments), core=core), base.unhashable)
        if name == "exists":
            return Sql("exists", core=base.core)
        return Sql(
            "select",
            core=base.core
            and not any(isinstance(v, (Class, Entity)) or (isinstance(v, Sql) and not v.core) for v in values),
            target=modern.refined(base, name),
            unhashable=base.unhashable
            | hashing.of_elements(frame.knowledge.models, elements.elements_of(arguments, proved=True)),
        )
    if base.kind == "table" and name in ("alias", "subquery", "select", "tablesample", "lateral"):
        kind: Literal["table", "select"] = "table" if name != "select" else "select"
        return Sql(kind, frozenset([Entity(None, place_of(node))]), core=True, unhashable=base.unhashable)
    if base.kind == "table" and name in ("insert", "update", "delete"):
        return Sql("select", core=True)
    if base.kind == "exists":
        within = base.covered or (name == "where" and any(_brings_orm(a) for a in arguments))
        return Sql("exists", core=base.core, covered=within)
    if base.kind == "option":
        eager = base.opaque or (name in JOINED_OPTIONS and any(option_is_eager(frame, v) for v in values))
        return Sql("option", opaque=eager, name=_telling(name) or base.name)
    if base.kind == "bundle":
        return base
    if name == "label":
        return _labelled(base, literal(arguments))
    if base.kind == "aggregate" and name in ("filter", "cast", "distinct", "op"):
        made = operators.sql_of([base, *values], "aggregate", covers=name == "filter")
        return hashing.marked(made, base.unhashable)
    if name in ("over", "within_group", "filter"):
        made = operators.sql_of([base, *values], operands=True, covers=True)
        return hashing.marked(made, base.unhashable)
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
    made = operators.sql_of([base, *values], operands=True)
    if isinstance(made, Sql) and name == "op":
        return replace(made, custom=True, unhashable=base.unhashable)
    if isinstance(made, Sql) and keep:
        return Sql("expression", made.owners, made.opaque, base.name, core=made.core)
    return made


def _telling(name: str) -> str | None:
    """The name of an option that changes which rows there are, None for any other."""
    return name if name in ("contains_eager", "with_loader_criteria") else None


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


def option_is_eager(frame: Frame, value: Value) -> bool:
    """Whether a joined loader option on *value* can multiply rows: not for a relationship proved to be scalar."""
    found = attributes.relationship_of(frame, value)
    if found is None and isinstance(value, Sql) and isinstance(value.source, Sql):
        found = attributes.relationship_of(frame, value.source)
    return (
        found is None
        or not found.joins_one
        or found.target is None
        or frame.knowledge.models.eager_collections(found.target)
    )


def sqlalchemy_call(frame: Frame, node: ast.Call, callee: External, arguments: list[Argument]) -> Value | None:
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
                    models = frame.knowledge.models
                    along = models.loaded_along(facts, asked=True) if last == "with_polymorphic" else ()
                    return Entity(None if any(map(models.eager_collections, along)) else facts, place_of(node))
                case Entity(model=model):
                    return Entity(model, place_of(node))
                case Class(some=True) | External():
                    return Entity(None, place_of(node))
                case Sql():
                    return Sql("table", frozenset([Entity(None, place_of(node))]), core=True)
            return Entity(None, place_of(node))
        case "class_mapper" if frame.knowledge.observing and positional and isinstance(positional[0], Class):
            return positional[0]
        case "Query" if top == "sqlalchemy":
            return queries.constructed(frame, node, arguments)
        case "Bundle":
            single = any(
                a.name == "single_entity" and isinstance(a.value, Plain) and a.value.literal is True for a in arguments
            )
            owners = operators.sql_of(values[1:])
            inner_owners = owners.owners if isinstance(owners, Sql) else frozenset()
            return Sql("bundle-entity" if single else "bundle", inner_owners, name=literal(arguments))
        case "Table":
            columns = hashing.of_table(node)
            return Sql("table", frozenset([Entity(None, place_of(node))]), core=True, unhashable=columns)
        case "inspect" | "event" | "listens_for" | "listen":
            for argument in arguments:
                frame.escape(argument.node, argument.value, "query-inspected")
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
        return Sql("option", opaque=eager, name=_telling(last))
    if last in ("get_or_404", "first_or_404", "one_or_404", "paginate"):
        for argument in arguments:
            frame.escape(argument.node, argument.value, "query-escapes")
        return UNKNOWN
    for argument in arguments:
        frame.mention(argument.node, argument.value)
        if name.startswith(_KEEPING) or any(isinstance(v, Plain) and queries_in(v) for v in parts(argument.value)):
            frame.escape(argument.node, argument.value, "query-escapes")
    if ".func." in name or name.startswith("func."):
        made = operators.sql_of(values, "aggregate" if last in AGGREGATES else "expression")
        if not isinstance(made, Sql):
            made = Sql("aggregate" if last in AGGREGATES else "expression", opaque=False, core=True)
        return hashing.marked(made, hashing.of_function(last, values))
    if last in ("union", "union_all", "intersect", "except_", "intersect_all", "except_all"):
        for argument in arguments:
            frame.escape(argument.node, argument.value, "core-set")
    match last:
        case "select":
            target = modern.selected(values) if frame.knowledge.observing else None
            core = not any(isinstance(v, (Class, Entity)) or (isinstance(v, Sql) and not v.core) for v in values)
            names = hashing.of_elements(frame.knowledge.models, elements.elements_of(arguments, proved=True))
            return Sql("select", core=core, target=target, unhashable=names)
        case "union" | "union_all" | "intersect" | "except_" | "intersect_all" | "except_all":
            return Sql("select", core=False)
        case "exists":
            return Sql("exists", core=not any(elements.is_orm(v) for v in values))
        case "and_" | "or_":
            several = len(arguments) != 1 or arguments[0].starred
            made = operators.sql_of(values, covers=several)
            return made if isinstance(made, Sql) else Sql("expression", opaque=True, core=True)
        case "extract" | "over" | "within_group" | "case":
            # Of these, only the conditions of case() tell a statement that they are of the ORM.
            told = last == "case" and any(elements.is_orm(c) for v in values for c in _conditions(v))
            made = operators.sql_of(values, covers=not told)
            made = made if isinstance(made, Sql) else Sql("expression", opaque=True, core=True)
            return hashing.marked(made, hashing.of_function(last, values))
        case "text" | "literal_column" | "quoted_name":
            return Sql("text", core=True)
        case "literal" | "null" | "true" | "false" | "bindparam" | "column":
            return Sql("expression", core=True, name=literal(arguments) if last == "column" else None)
        case "table" | "join" | "outerjoin" | "values" | "lateral" | "alias" | "subquery":
            return Sql("table", frozenset([Entity(None, place_of(node))]), core=True)
        case "insert" | "update" | "delete":
            return Sql("select", core=False)
        case "label" if len(values) == 2 and isinstance(values[1], Sql):
            return _labelled(values[1], literal(arguments))
        case "max" | "min" | "sum" | "count":
            made = operators.sql_of(values, "aggregate")
            written_out = name == f"sqlalchemy.sql.functions.{last}"
            return Sql("aggregate", core=True) if written_out and not isinstance(made, Sql) else made
    if last[:1].isupper() and not last.isupper():
        made = operators.sql_of(values)
        return made if isinstance(made, Sql) else Instance(name)
    made = operators.sql_of(values)
    if last in ("cast", "type_coerce", "try_cast"):
        made = hashing.marked(made, hashing.of_cast(node))
    return (
        made
        if isinstance(made, Sql)
        else (
            Sql("expression", opaque=not _names_only(values), core=True) if last in _EXPRESSION_FUNCTIONS else UNKNOWN
        )
    )


def _labelled(base: Sql, name: str | None) -> Sql:
    """``base.label(name)``, or ``label(name, base)``."""
    kind = base.kind if base.kind == "aggregate" else "expression"
    return Sql(kind, base.owners, base.opaque, name, core=base.core, source=base, unhashable=base.unhashable)


def _names_only(values: list[Value]) -> bool:
    """Whether *values* are texts, which name what is selected and bring nothing into FROM: ``desc("name")``."""
    return bool(values) and all(isinstance(v, Plain) and isinstance(v.literal, str) for v in values)


_KEEPING = (
    *("sqlalchemy.ext.serializer.", "sqlalchemy.ext.baked."),
    *("flask_sqlalchemy.Pagination", "flask_sqlalchemy.pagination."),
)
"""What gives a query back that it was given, or asks it for more later: ``Pagination(query, 1, 20, total, items).next()``."""

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


def _query_class(frame: Frame, arguments: list[Argument]) -> QueryClass:
    for argument in arguments:
        if argument.name == "query_cls":
            return query_classes.own_class(frame.knowledge, argument.value, argument.node)
    return None
