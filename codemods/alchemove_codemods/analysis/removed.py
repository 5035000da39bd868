"""What SQLAlchemy 2.0 removed besides Query: where it stands, noted for the rules in ``rules.removed``."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from alchemove_codemods.analysis import (
    calls,
    unpacking,
)
from alchemove_codemods.analysis.frame import Frame
from alchemove_codemods.analysis.names import ORM_PACKAGES
from alchemove_codemods.analysis.records import Removed
from alchemove_codemods.facts import last_name
from alchemove_codemods.joining import join
from alchemove_codemods.values import (
    BOTTOM,
    NOTHING,
    PLAIN,
    TEXT,
    UNKNOWN,
    Class,
    Entity,
    Executor,
    External,
    Mixed,
    Plain,
    Result,
    ResultRow,
    Session,
    Sql,
    Value,
    is_text,
    parts,
)  # fmt: skip

if TYPE_CHECKING:
    from alchemove_codemods.analysis.arguments import Argument

_TEXT_METHODS = frozenset(
    {
        "format",
        "strip",
        "lstrip",
        "rstrip",
        "replace",
        "lower",
        "upper",
        "join",
        "title",
        "capitalize",
        "expandtabs",
        "zfill",
        "removeprefix",
        "removesuffix",
    }
)
_DML = frozenset({"insert", "update", "delete"})
_PARAMETERS = frozenset({"parameters", "params", "execution_options", "statement"})
_BULK = frozenset({"bulk_insert_mappings", "bulk_update_mappings", "bulk_save_objects"})
_SELECT_KEYWORDS = frozenset(
    {
        "columns",
        "whereclause",
        "from_obj",
        "distinct",
        "group_by",
        "having",
        "correlate",
        "prefixes",
        "suffixes",
        "limit",
        "offset",
        "order_by",
        "bind",
        "use_labels",
        "for_update",
    }
)


def _note(frame: Frame, rule: str, node: ast.expr, arguments: list[Argument], *, legacy: bool = True) -> None:
    frame.note(Removed(node, rule, frame.function, [a.value for a in arguments], legacy))


def _only(value: Value, *kinds: type[Value]) -> bool:
    """Whether *value* is proved to be one of *kinds*, apart from None."""
    if not isinstance(value, Mixed):
        return isinstance(value, kinds)
    possible = [v for v in value.values if v != NOTHING]
    return bool(possible) and all(isinstance(v, kinds) for v in possible)


def _unknown(value: Value) -> bool:
    """Whether nothing is known of *value*, or nothing ever reaches it."""
    return isinstance(value, (type(UNKNOWN), type(BOTTOM)))


# SQL constructs ----------------------------------------------------------------------------------------------------


def call(frame: Frame, node: ast.Call, callee: External, arguments: list[Argument]) -> None:
    """A call of one of SQLAlchemy's own functions."""
    if callee.top not in ORM_PACKAGES or ".func." in callee.name or callee.name.startswith("func."):
        return
    first = node.args[0] if node.args else None
    keywords = {k.arg for k in node.keywords}
    match callee.last:
        case "select" if callee.top != "sqlmodel":
            if _is_list(first, arguments) or keywords & _SELECT_KEYWORDS:
                _note(frame, "select-list", node, arguments)
        case "case":
            if _is_list(first, arguments, tuples=True) or "whens" in keywords:
                _note(frame, "case-list", node, arguments)
        case "insert" | "update" | "delete":
            if len(node.args) > 1 or keywords & {"whereclause", "values", "inline"}:
                _note(frame, "dml-arguments", node, arguments)


def _is_list(node: ast.expr | None, arguments: list[Argument], *, tuples: bool = False) -> bool:
    """Whether the first argument is a list of expressions (of *tuples* of them) instead of the first of them."""
    if isinstance(node, (ast.List, ast.ListComp, ast.GeneratorExp)):
        return True
    value = arguments[0].value if arguments and arguments[0].name is None and not arguments[0].starred else UNKNOWN
    if isinstance(node, ast.Tuple):
        return False
    if not isinstance(value, Plain) or value.of is None:
        return False
    if tuples:
        return all(isinstance(v, Plain) and v.of is not None for v in parts(value.of))
    return any(isinstance(v, (Sql, Class, Entity)) for v in parts(value.of))


def sql_method(frame: Frame, node: ast.Call, base: Sql, name: str, arguments: list[Argument]) -> None:
    """A method of a SQL construct."""
    if (base.kind == "table" and name in _DML and (node.args or node.keywords) and not _is_collection(node)) or (
        base.kind == "table" and name == "select" and node.args
    ):
        _note(frame, "dml-arguments", node, arguments)
    elif base.kind == "select" and name == "as_scalar":
        _note(frame, "as-scalar", node, arguments)
    elif base.kind == "select" and name == "with_only_columns" and node.args and isinstance(node.args[0], ast.List):
        _note(frame, "select-list", node, arguments)
    elif base.kind == "select" and name in ("execute", "scalar"):
        _note(frame, "implicit-execution", node, arguments)


def _is_collection(node: ast.Call) -> bool:
    """Whether the method is one of ``table.c``, which is no table."""
    return isinstance(node.func, ast.Attribute) and last_name(node.func.value) in ("c", "columns")


# strings -----------------------------------------------------------------------------------------------------------


def text_method(frame: Frame, node: ast.Call, function: ast.Attribute) -> Value | None:
    """A method of a string that gives a string; None for any other."""
    if function.attr not in _TEXT_METHODS:
        return None
    for argument in calls.arguments_of(frame, node):
        if function.attr == "join":
            unpacking.items_of(frame, argument.node, argument.value)
        else:
            frame.escape(argument.node, argument.value, "query-as-text")
    return TEXT


def textual(node: ast.expr, value: Value) -> bool:
    """Whether the statement *node* can be a string: nothing that is added to one can be run as anything else."""
    if any(is_text(v) for v in parts(value)):
        return True
    match node:
        case ast.Constant(value=str()) | ast.JoinedStr():
            return True
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            return textual(left, UNKNOWN) or textual(right, UNKNOWN)
        case ast.BinOp(op=ast.Mod(), left=left):
            return textual(left, UNKNOWN)
    return False


# execution ---------------------------------------------------------------------------------------------------------


def session_call(frame: Frame, node: ast.Call, name: str, session: Session, arguments: list[Argument]) -> Value:
    """``session.execute(...)`` and its relatives."""
    if name not in ("execute", "scalar", "scalars", "stream", "stream_scalars"):
        return UNKNOWN
    statement = _statement(arguments)
    legacy = False
    if statement is not None:
        legacy = textual(statement.node, statement.value)
        if legacy:
            _note(frame, "execute-text", node, arguments)
        _table_of_unknown(frame, statement)
    if session.flavour == "async":
        return UNKNOWN
    return Result(legacy or _legacy(frame, statement)) if name == "execute" else UNKNOWN


def _statement(arguments: list[Argument]) -> Argument | None:
    first = arguments[0] if arguments else None
    return (
        first
        if first is not None and not first.starred and first.name in (None, "statement", "clause", "object_")
        else None
    )


def _legacy(frame: Frame, statement: Argument | None) -> bool:
    """Whether the statement itself has a form that is gone."""
    if statement is None:
        return False
    inside = {id(n) for n in ast.walk(statement.node)}
    return any(
        isinstance(r, Removed) and id(r.node) in inside
        for r in frame.knowledge.records.get(frame.function, {}).values()
    )


def _table_of_unknown(frame: Frame, statement: Argument) -> None:
    """``execute(t.update(t.c.a == 1, ...))``: what has columns, makes a statement and is run is a table."""
    match statement.node:
        case ast.Call(func=ast.Attribute(value=table, attr="update" | "delete")) as call if call.args or call.keywords:
            name = ast.unparse(table)
            has_columns = any(
                isinstance(n, ast.Attribute) and n.attr in ("c", "columns") and ast.unparse(n.value) == name
                for a in [*call.args, *call.keywords]
                for n in ast.walk(a)
            )
            if has_columns and _unknown(statement.value):
                _note(frame, "dml-arguments", call, calls.arguments_of(frame, call))
        case ast.Call(func=ast.Attribute(attr="insert"), args=[ast.Dict() | ast.List()]) as call if _unknown(
            statement.value
        ):
            frame.suspect(call, "dml-arguments", "table-not-proved")


def concerns(value: Value) -> bool:
    """Whether *value* is proved to be something that statements are run by, or that comes from running one."""
    return _only(value, Executor, Result, ResultRow)


def method(frame: Frame, node: ast.Call, function: ast.Attribute, base: Value) -> Value:
    """A method of an engine, a connection, a result or a row of one."""
    frame.knowledge.settled[function] = PLAIN
    arguments = calls.arguments_of(frame, node)
    for argument in arguments:
        if function.attr in ("execute", "scalar", "scalars"):
            frame.mention(argument.node, argument.value)
        else:
            frame.escape(argument.node, argument.value, "query-escapes")
    made: Value = BOTTOM
    for part in parts(base):
        match part:
            case Executor(kind=kind):
                made = join(made, _executed(frame, node, function.attr, kind, arguments))
            case Result(legacy=legacy):
                made = join(made, _fetched(function.attr, legacy))
            case ResultRow(legacy=legacy):
                made = join(made, _row_method(frame, node, function.attr, legacy))
    return made


def _executed(frame: Frame, node: ast.Call, name: str, kind: str, arguments: list[Argument]) -> Value:
    match name, kind:
        case (("connect" | "begin" | "execution_options" | "connection"), "engine"):
            return Executor("engine" if name == "execution_options" else "connection")
        case (("execution_options" | "connect" | "__enter__"), "connection"):
            return Executor("connection")
        case (("execute" | "scalar" | "scalars"), "engine"):
            _note(frame, "engine-execute", node, arguments)
            return Result(legacy=True) if name == "execute" else UNKNOWN
        case (("run_callable" | "transaction" | "table_names" | "has_table" | "contextual_connect"), _):
            _note(frame, "connection-methods", node, arguments)
            return UNKNOWN
        case (("execute" | "scalar" | "scalars"), _):
            statement = _statement(arguments)
            legacy = statement is not None and textual(statement.node, statement.value)
            if legacy or _many(node):
                _note(frame, "connection-execute", node, arguments)
                legacy = True
            if statement is not None:
                _table_of_unknown(frame, statement)
            return Result(legacy or _legacy(frame, statement)) if name == "execute" else UNKNOWN
        case "exec_driver_sql", _:
            return Result()
    return UNKNOWN


def _many(node: ast.Call) -> bool:
    """Whether the parameters are given in a form that is gone: several positional ones, or keywords."""
    return len(node.args) > 2 or any(k.arg not in _PARAMETERS for k in node.keywords)


def _fetched(name: str, legacy: bool) -> Value:
    match name:
        case "all" | "fetchall" | "fetchmany":
            return Plain(ResultRow(legacy))
        case "first" | "fetchone" | "one_or_none":
            return join(ResultRow(legacy), NOTHING)
        case "one":
            return ResultRow(legacy)
        case "unique" | "yield_per" | "tuples" | "execution_options":
            return Result(legacy)
    return UNKNOWN


# rows --------------------------------------------------------------------------------------------------------------


def _row_method(frame: Frame, node: ast.Call, name: str, legacy: bool) -> Value:
    if name in ("keys", "items", "values", "has_key", "iteritems", "iterkeys", "itervalues"):
        _note(frame, "row-as-mapping", node, [], legacy=legacy)
    return PLAIN if name in ("keys", "_asdict") else UNKNOWN


def row_item(frame: Frame, node: ast.Subscript, value: Value, key: Value) -> None:
    """``row["name"]``: on 2.x a row is a tuple, and only its mapping has names."""
    if _only(value, ResultRow) and is_text(key):
        _note(frame, "row-as-mapping", node, [])


def mapping(frame: Frame, node: ast.expr, value: Value) -> None:
    """``dict(row)``, ``**row``."""
    if _only(value, ResultRow):
        _note(frame, "row-as-mapping", node, [])


def membership(frame: Frame, node: ast.expr, value: Value, left: Value) -> None:
    """``"name" in row``: a name before 2.0, a value on 2.x; told apart by the statement that gave the row."""
    if _only(value, ResultRow) and is_text(left):
        legacy = all(v.legacy for v in parts(value) if isinstance(v, ResultRow))
        _note(frame, "row-membership", node, [], legacy=legacy)


# not proved --------------------------------------------------------------------------------------------------------


def suspicious(frame: Frame, node: ast.Call, function: ast.Attribute, base: Value) -> None:
    """What looks like one of these, on something that is not known."""
    if not _unknown(base):
        return
    if function.attr in _BULK:
        frame.suspect(node, "bulk-methods", "bulk-methods")
    if (
        function.attr in ("execute", "scalar")
        and node.args
        and isinstance(node.args[0], (ast.Constant, ast.JoinedStr))
        and textual(node.args[0], UNKNOWN)
    ):
        name = (last_name(function.value) or "").lower()
        if "session" in name:
            frame.suspect(node, "execute-text", "execute-not-proved")
        elif name.endswith("engine"):
            frame.suspect(node, "engine-execute", "execute-not-proved")
