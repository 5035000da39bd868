"""What the methods of sessions, queries and results do, by name, and which functions outside the program are known."""

from __future__ import annotations

SESSION_READS = frozenset(
    {
        "query", "get", "get_one", "scalar", "scalars", "execute", "refresh", "expire", "expire_all", "expunge", "expunge_all",
        "connection", "get_bind", "is_modified", "in_transaction", "no_autoflush", "identity_key", "object_session", "bind", "info",
        "flush", "dirty", "new", "deleted", "is_active", "get_transaction", "begin_nested", "enable_relationship_loading",
    }
)  # fmt: skip
SESSION_WRITES = frozenset(
    {
        "add", "add_all", "delete", "delete_all", "merge", "merge_all", "bulk_save_objects", "bulk_insert_mappings", "bulk_update_mappings",
    }
)  # fmt: skip
SESSION_METHODS = SESSION_READS | SESSION_WRITES
ENDINGS = frozenset({"commit", "rollback", "close"})
RUNNING = frozenset({"execute", "scalars", "scalar"})

READS = frozenset(
    {
        # builders and terminals of queries and statements
        "query", "filter", "filter_by", "where", "order_by", "group_by", "having", "join", "outerjoin", "options", "limit", "offset",
        "distinct", "select_from", "with_entities", "with_for_update", "execution_options", "params", "subquery", "cte", "exists", "label",
        "union", "union_all", "slice", "yield_per", "populate_existing", "add_columns", "correlate", "scalar_subquery", "from_statement",
        "with_only_columns", "returning", "in_", "notin_", "is_", "is_not", "isnot", "like", "ilike", "desc", "asc", "between", "contains",
        "has", "any", "reset_joinpoint", "enable_eagerloads", "autoflush", "as_scalar", "select",
        "all", "first", "one", "one_or_none", "scalar", "scalars", "scalar_one", "scalar_one_or_none", "get", "count", "unique", "mappings",
        "fetchall", "fetchone", "fetchmany", "partitions", "tuples", "columns", "freeze", "_asdict", "_mapping", "value", "values",
        # values of columns, containers
        "keys", "items", "index", "copy", "split", "rsplit", "strip", "lstrip", "rstrip", "lower", "upper", "title", "capitalize", "format",
        "startswith", "endswith", "replace", "encode", "decode", "partition", "rpartition", "splitlines", "isdigit", "zfill", "hex",
        "isoformat", "strftime", "date", "time", "timestamp", "total_seconds", "astimezone", "weekday", "timetuple", "utctimetuple",
        # what an Inspector tells of tables
        "get_table_names", "get_columns", "get_indexes", "get_foreign_keys", "get_pk_constraint", "get_unique_constraints", "has_table",
        "quantize", "as_tuple", "bit_length", "removeprefix", "removesuffix",
    }
)  # fmt: skip
WRITES = frozenset(
    {
        "update", "delete", "append", "extend", "insert", "remove", "pop", "popitem", "clear", "setdefault", "add", "discard", "add_all",
        "sort", "reverse", "merge", "bulk_save_objects", "bulk_insert_mappings", "bulk_update_mappings",
    }
)  # fmt: skip
SCALAR_METHODS = frozenset(
    {
        "count", "strip", "lstrip", "rstrip", "lower", "upper", "title", "capitalize", "format", "startswith", "endswith", "encode", "decode",
        "isoformat", "strftime", "date", "time", "timestamp", "total_seconds", "isdigit", "zfill", "hex", "join", "split", "replace",
        "model_dump", "model_dump_json", "model_validate", "from_orm", "parse_obj", "validate_python", "dumps", "dict", "json",
        "removeprefix", "removesuffix", "jsonable_encoder", "asdict", "Decimal", "UUID",
    }
)  # fmt: skip
SCALAR_FUNCTIONS = frozenset(
    {
        "len", "int", "str", "float", "bool", "repr", "sum", "isinstance", "issubclass", "hasattr", "id", "hash", "round", "abs", "any", "all",
        "callable", "ord", "chr", "bytes", "format", "type", "range", "jsonable_encoder", "asdict", "Decimal", "UUID", "Path",
    }
)  # fmt: skip
SAFE_FUNCTIONS = SCALAR_FUNCTIONS | frozenset(
    {
        "list", "tuple", "set", "frozenset", "dict", "sorted", "reversed", "enumerate", "zip", "map", "filter", "min", "max", "iter", "next",
        "getattr", "defaultdict", "Counter", "OrderedDict", "chain", "from_iterable", "groupby", "islice", "deepcopy", "copy", "cast", "super",
        "partial", "vars", "dir", "print", "inspect", "attrgetter", "itemgetter",
        "select", "func", "and_", "or_", "not_", "desc", "asc", "case", "exists", "aliased", "text", "joinedload", "selectinload",
        "subqueryload", "contains_eager", "lazyload", "noload", "load_only", "defer", "undefer", "with_parent", "literal", "distinct",
        "tuple_", "update", "delete", "insert", "union", "union_all", "null", "true", "false", "between", "bindparam", "coalesce",
    }
)  # fmt: skip
LOGGING = frozenset(
    {
        "debug",
        "info",
        "warning",
        "warn",
        "error",
        "exception",
        "critical",
        "log",
        "echo",
        "secho",
        "print",
        "pprint",
        "write",
    }
)
CONTAINERS = frozenset(
    {"list", "dict", "set", "defaultdict", "OrderedDict", "Counter", "deque", "sorted", "tuple", "frozenset"}
)
LIST_ENDINGS = frozenset({"all", "fetchall", "keys", "split", "copy"})
ONE_OBJECT = frozenset(
    {"first", "one", "one_or_none", "get", "get_one", "scalar", "scalar_one", "scalar_one_or_none", "fetchone"}
)
PLAIN_ANNOTATIONS = frozenset(
    {
        "int",
        "str",
        "float",
        "bool",
        "bytes",
        "None",
        "UUID",
        "datetime",
        "date",
        "timedelta",
        "Decimal",
        "Path",
        "complex",
        "time",
    }
)
