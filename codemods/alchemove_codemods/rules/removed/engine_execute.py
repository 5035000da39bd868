"""engine-execute: ``engine.execute`` and its relatives.

    rows = engine.execute(select(t)).fetchall()      ->  with engine.connect() as connection:
                                                             rows = connection.execute(select(t)).fetchall()
    engine.execute("delete from t")                  ->  with engine.begin() as connection:
                                                             connection.exec_driver_sql("delete from t")

An engine took a connection for each call and committed what writes. So the statement that holds the call moves into a block of its own: ``begin()``
for what was committed, ``connect()`` for reads. Refused where it cannot be told which of them it is, where the result leaves the
statement without being fetched, and in the head of a loop or condition.
"""

from __future__ import annotations

import ast
import re

from alchemove_codemods.analysis.frame import stable_text
from alchemove_codemods.analysis.removed import textual
from alchemove_codemods.facts import last_name
from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.layout import shift
from alchemove_codemods.rewrite.removed import Gone
from alchemove_codemods.rewrite.views import Refusal
from alchemove_codemods.rules.removed.connection_execute import parameters
from alchemove_codemods.rules.removed.execute_text import only_text
from alchemove_codemods.values import Plain

# What SQLAlchemy 1.4 committed by itself, on every database.
_WRITES = re.compile(r"\s*(?:UPDATE|INSERT|CREATE|DELETE|DROP|ALTER)\b", re.IGNORECASE)
_READS = re.compile(r"\s*(?:SELECT|SHOW|PRAGMA|EXPLAIN|DESCRIBE)\b", re.IGNORECASE)
_FETCHING = frozenset(
    {"fetchall", "first", "scalar", "fetchone", "all", "one", "one_or_none", "scalar_one", "scalar_one_or_none"}
)
_ATTRIBUTES = frozenset({"rowcount", "lastrowid", "inserted_primary_key"})
_NAMES = ("connection", "conn", "engine_connection")


@rule(
    "engine-execute",
    stage="select",
    reasons={
        "engine-execute": "Engines run nothing themselves on 2.x, and this call cannot be moved into a block exactly. Use 'with engine.begin() as connection' for writes, 'with engine.connect() as connection' for reads."
    },
)
def engine_execute(gone: Gone) -> Refusal | None:
    """A block around the statement."""
    call = gone.call
    function = call.func
    assert isinstance(function, ast.Attribute)
    engine = stable_text(function.value)
    statement = _enclosing(gone)
    kind = _kind(gone)
    name = _fresh(gone)
    if (
        engine is None
        or statement is None
        or kind is None
        or name is None
        or not call.args
        or isinstance(call.args[0], ast.Starred)
        or gone.method == "scalars"
    ):
        return Refusal("engine-execute")
    value = gone.value(call.args[0])
    driver = only_text(gone, call.args[0])
    if not driver and textual(call.args[0], value):
        return Refusal("statement-kind")
    if driver or len(call.args) > 2 or call.keywords:
        parameters(gone, driver)
    gone.replace(gone.start(function.value), gone.end(function.value), name)
    if driver:
        gone.rename("exec_driver_sql")
        if gone.method == "scalar":
            gone.insert(gone.end(call), ".scalar()")
    source = gone.file.module.source
    start, end = gone.start(statement), gone.end(statement)
    indent = source.indent_at(start)
    unit = "\t" if "\t" in indent else "    "

    def render() -> str:
        inner = shift(gone.file.edits.segment(start, end), unit)
        return f"with {engine}.{kind}() as {name}:{source.newline}{indent}{unit}{inner}"

    gone.replace(start, end, render)
    return None


def _enclosing(gone: Gone) -> ast.stmt | None:
    """The statement around the call if it fetches what it needs of the result, and has its lines for itself."""
    node: ast.AST = gone.call
    parents = gone.file.parents
    fetched = gone.method == "scalar"
    while True:
        parent = parents.get(node)
        match parent:
            case ast.Attribute(attr=name) if name in _FETCHING and isinstance(parents.get(parent), ast.Call):
                fetched = True
                node = parents[parent]
            case ast.Attribute(attr=name) if name in _ATTRIBUTES:
                fetched = True
                node = parent
            case ast.Expr():
                statement: ast.stmt = parent
                break
            case ast.Assign(targets=[ast.Name()]) | ast.Return() if fetched:
                statement = parent
                break
            case _:
                return None
    source = gone.file.module.source
    start, end = gone.start(statement), gone.end(statement)
    line = source.text[source.starts[statement.lineno - 1] : start]
    rest = re.compile(r"[ \t]*(#[^\r\n]*)?(?=[\r\n]|\Z)").match(source.text, end)
    return statement if not line.strip() and rest is not None else None


def _kind(gone: Gone) -> str | None:
    """``begin`` for what was committed, ``connect`` for what was not, None if that cannot be told."""
    node: ast.expr = gone.call.args[0] if gone.call.args else ast.Constant(None)
    value = gone.value(node)
    literal = value.literal if isinstance(value, Plain) else None
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and not _root(node):
        node = node.func.value
    if isinstance(node, ast.Call):
        match last_name(node.func):
            case "insert" | "update" | "delete":
                return "begin"
            case "select":
                return "connect"
            case "text" if node.args and isinstance(node.args[0], ast.Constant):
                literal = node.args[0].value
    head = _head(node)
    literal = literal if isinstance(literal, str) else head
    if literal is not None:
        if _WRITES.match(literal):
            return "begin"
        if _READS.match(literal):
            return "connect"
    return None


def _root(node: ast.Call) -> bool:
    return last_name(node.func) in ("insert", "update", "delete", "select", "text")


def _head(node: ast.expr) -> str | None:
    """The text that a string made of several parts begins with."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=[first, *_]):
            return _head(first)
        case ast.BinOp(left=left):
            return _head(left)
        case ast.Call(func=ast.Attribute(value=inner, attr="format")):
            return _head(inner)
    return None


def _fresh(gone: Gone) -> str | None:
    """A name for the connection that nothing in the file has."""
    module = gone.file.module
    used = {*module.source.names, *module.source.parameters, *module.bindings}
    return next((name for name in _NAMES if name not in used), None)
