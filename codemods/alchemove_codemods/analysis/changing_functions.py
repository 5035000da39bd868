"""SELECTs that do more than read, since they call functions of the database for what these do: ``SELECT set_config('app.tenant', '7', false)``.

What such a function has done belongs to the transaction: a rollback takes it back, a setting of the connection as well
(https://www.postgresql.org/docs/current/sql-set.html).
"""

from __future__ import annotations

import ast
import re
from typing import Final

from alchemove_codemods.trees import walk

_CHANGING: Final = frozenset(
    {"set_config", "setval", "pg_notify", "lo_create", "lo_import", "lo_unlink", "dblink_exec"}
)
_HARMLESS: Final = frozenset(
    {
        *("abs", "array", "array_agg", "avg", "cast", "coalesce", "concat", "count", "date", "datetime", "exists", "extract", "greatest", "in"),
        *("json_agg", "json_build_object", "julianday", "least", "length", "lower", "max", "min", "now", "nullif", "over", "random", "round"),
        *("row_number", "strftime", "sum", "to_char", "trim", "upper", "values", "version"),
        *("current_setting", "current_database", "current_schema", "current_user", "database", "gen_random_uuid", "last_insert_rowid"),
        *("lastval", "inet_server_addr", "pg_database_size", "pg_is_in_recovery", "pg_size_pretty", "pg_sleep", "sleep", "sqlite_version"),
        *("to_regclass", "txid_current", "uuid_generate_v4", "user"),
    }
)  # fmt: skip
"""Functions that a SELECT without a table calls for their value."""
_CALLED: Final = re.compile(r"([a-z_][\w.]*)\s*\(", re.IGNORECASE)
_FROM: Final = re.compile(r"\bfrom\b", re.IGNORECASE)


def changes(select: str) -> bool:
    """Whether the textual SELECT *select* calls a function that changes something, or may be there for nothing else."""
    called = {name.lower().rpartition(".")[2] for name in _CALLED.findall(select)}
    if not called.isdisjoint(_CHANGING):
        return True
    return _FROM.search(select) is None and not called <= _HARMLESS


def calls_changing(statement: ast.AST) -> bool:
    """Whether *statement*, which builds a SELECT, has a function that changes something: ``select(func.set_config(...))``."""
    return any(isinstance(n, ast.Attribute) and n.attr in _CHANGING for n in walk(statement))
