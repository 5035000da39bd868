"""The names of SQLAlchemy, Flask-SQLAlchemy and SQLModel that the analysis has to know."""

from __future__ import annotations

ORM_PACKAGES = frozenset({"sqlalchemy", "sqlmodel", "flask_sqlalchemy"})
MODEL_BASES = frozenset({"flask_sqlalchemy.Model", "sqlalchemy.Base"})
"""What the bases of models are called here, however they are made."""
DECLARATIVE_BASES = frozenset({"DeclarativeBase", "DeclarativeBaseNoMeta", "MappedAsDataclass"})
BASE_FACTORIES = frozenset({"declarative_base", "automap_base", "generate_base", "as_declarative"})
BASE_MAKERS = BASE_FACTORIES | {"SQLAlchemy"}
"""What makes the bases of models: those above, and the extension object of Flask."""
COLUMN_CALLS = frozenset(
    {"Column", "mapped_column", "column_property", "synonym", "deferred", "query_expression", "composite"}
)
MAPPING_DECORATORS = frozenset({"mapped", "mapped_as_dataclass"})
"""Decorators of a registry that map a class."""
RELATIONSHIP_CALLS = frozenset({"relationship", "Relationship", "dynamic_loader", "relation"})
AGGREGATES = frozenset(
    {
        "count",
        "sum",
        "max",
        "min",
        "avg",
        "array_agg",
        "string_agg",
        "group_concat",
        "bool_and",
        "bool_or",
        "every",
        "stddev",
        "variance",
        "json_agg",
        "jsonb_agg",
        "total",
    }
)
LOADER_OPTIONS = frozenset(
    {
        "joinedload", "selectinload", "subqueryload", "lazyload", "raiseload", "noload", "immediateload", "contains_eager",
        "defaultload", "defer", "undefer", "undefer_group", "load_only", "selectin_polymorphic", "with_expression",
        "with_loader_criteria", "Load", "joinedload_all", "subqueryload_all", "contains_alias",
    }
)  # fmt: skip
JOINED_OPTIONS = frozenset({"joinedload", "contains_eager", "joinedload_all", "eagerload"})

BUILTIN_ITERATION = frozenset(
    {
        "list",
        "tuple",
        "set",
        "frozenset",
        "sorted",
        "sum",
        "any",
        "all",
        "min",
        "max",
        "enumerate",
        "iter",
        "zip",
        "map",
        "filter",
        "dict",
        "reversed",
        "next",
    }
)
"""Builtins that go through an iterable argument; ``dict`` needs the items as a list."""

ITERABLE_METHODS = frozenset(
    {
        "extend",
        "update",
        "union",
        "join",
        "difference",
        "intersection",
        "issubset",
        "issuperset",
        "from_iterable",
        "chain",
        "fromkeys",
        "difference_update",
    }
)

BUILDERS = frozenset(
    {
        "filter", "where", "filter_by", "order_by", "group_by", "having", "limit", "offset", "distinct", "join", "outerjoin",
        "select_from", "options", "with_for_update", "with_hint", "with_statement_hint", "prefix_with", "suffix_with",
        "execution_options", "params", "correlate", "add_columns", "add_column", "add_entity", "slice", "set_label_style",
        "with_labels", "apply_labels", "reset_joinpoint", "populate_existing", "autoflush", "yield_per", "enable_eagerloads",
        "with_entities", "with_parent", "union", "union_all", "intersect", "intersect_all", "except_", "except_all",
        "from_statement", "from_self", "select_entity_from", "with_session", "tuples", "only_return_tuples",
        "with_transformation", "with_lockmode", "enable_assertions", "lazyload", "values_", "correlate_except", "fetch",
    }
)  # fmt: skip
QUERY_METHODS = BUILDERS | {
    "all", "first", "one", "one_or_none", "scalar", "get", "count", "exists", "update", "delete", "value", "values", "subquery", "cte", "scalar_subquery",
    "as_scalar", "label", "get_or_404", "first_or_404", "one_or_404", "paginate", "alias",
}  # fmt: skip
"""What Query has, of SQLAlchemy and of Flask-SQLAlchemy."""
