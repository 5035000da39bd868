"""engine-execute: ``engine.execute`` and its relatives.

    rows = engine.execute(select(t)).fetchall()      ->  with engine.connect() as connection:
                                                             rows = connection.execute(select(t)).fetchall()
    engine.execute("delete from t")                  ->  with engine.begin() as connection:
                                                             connection.exec_driver_sql("delete from t")

    for row in engine.execute("select ..."):         ->  with engine.connect() as connection:
        print(row)                                           for row in connection.exec_driver_sql("select ..."):
                                                                 print(row)

An engine took a connection for each call and committed what writes. So the statement that holds the call moves into a block of its own: ``begin()``
for what was committed, ``connect()`` for reads. A write has to be all there is in the statement, which could fail afterwards otherwise.
Refused where it cannot be told which of them it is, where the result leaves the statement without being fetched (only the ``rowcount`` of a write may
be read later), where ``execution_options()`` say ``autocommit``, and in conditions.
"""

from __future__ import annotations

import ast
import re

from alchemove_codemods.analysis.frame import stable_text
from alchemove_codemods.analysis.removed import textual
from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.committed import block_of, is_counted
from alchemove_codemods.rewrite.layout import shift
from alchemove_codemods.rewrite.removed import Gone
from alchemove_codemods.rewrite.views import Refusal
from alchemove_codemods.rules.removed.connection_execute import parameters
from alchemove_codemods.rules.removed.execute_text import only_text
from alchemove_codemods.trees import walk

_FETCHING = frozenset(
    {"fetchall", "first", "scalar", "fetchone", "all", "one", "one_or_none", "scalar_one", "scalar_one_or_none"}
)
_ATTRIBUTES = frozenset({"rowcount", "lastrowid", "inserted_primary_key"})
_CONSUMERS = frozenset({"list", "tuple", "set", "frozenset", "dict", "sorted"})
_AT_ONCE = (
    *(ast.Attribute, ast.Subscript, ast.Call, ast.keyword, ast.Compare, ast.BinOp, ast.UnaryOp),
    *(ast.Tuple, ast.List, ast.Dict, ast.Set, ast.Starred),
)
"""What evaluates its parts whenever it is evaluated itself, once each."""
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
    kind = block_of(gone)
    statement = _enclosing(gone, kind == "connect")
    name = _fresh(gone)
    if (
        engine is None
        or statement is None
        or kind is None
        or name is None
        or not call.args
        or isinstance(call.args[0], ast.Starred)
        or not _alone(call, statement, engine)
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


def _alone(call: ast.Call, statement: ast.stmt, engine: str) -> bool:
    """Whether *call* is the only one of *engine* that the block around *statement* would be made for."""
    return not any(
        isinstance(node, ast.Call)
        and node is not call
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("execute", "scalar", "scalars")
        and stable_text(node.func.value) == engine
        for node in walk(statement.iter if isinstance(statement, ast.For) else statement)
    )


def _first_of(node: ast.AST | None, generator: ast.comprehension) -> ast.AST | None:
    """The comprehension *node* if it goes through *generator* first, and at once."""
    match node:
        case (
            ast.ListComp(generators=[first, *_])
            | ast.SetComp(generators=[first, *_])
            | ast.DictComp(generators=[first, *_])
        ) if first is generator:
            return node
    return None


def _enclosing(gone: Gone, reads: bool) -> ast.stmt | None:
    """The statement around the call if it fetches what it needs of the result, and has its lines for itself.

    What only *reads* may be a part of a larger expression, or what a loop goes through.
    """
    node: ast.AST = gone.call
    parents = gone.file.parents
    fetched = gone.method == "scalar"
    while True:
        parent = parents.get(node)
        match parent:
            case ast.Attribute(attr=name) if name in _FETCHING and isinstance(parents.get(parent), ast.Call):
                fetched = True
                node = parents[parent]
            case ast.Attribute(attr="scalars" | "mappings") if (
                isinstance(parents.get(parent), ast.Call) and not fetched
            ):
                node = parents[parent]
            case ast.Attribute(attr=name) if name in _ATTRIBUTES:
                fetched = True
                node = parent
            case ast.Call(func=ast.Name(id=name), args=[first]) if name in _CONSUMERS and first is node:
                fetched = True
                node = parent
            case ast.comprehension() if parent.iter is node and (inside := _first_of(parents.get(parent), parent)):
                fetched = True
                node = inside
            case ast.Expr():
                statement: ast.stmt = parent
                break
            case ast.Assign(targets=[ast.Name()]) | ast.Return() if fetched:
                statement = parent
                break
            case ast.Assign(targets=[ast.Name(id=name)]) if not reads and is_counted(gone, name):
                statement = parent
                break
            case ast.Assign() | ast.AnnAssign() if fetched and reads:
                statement = parent
                break
            case ast.For() if reads and parent.iter is node:
                statement = parent
                break
            case ast.expr() | ast.keyword() if fetched and reads and isinstance(parent, _AT_ONCE):
                node = parent
            case _:
                return None
    source = gone.file.module.source
    start, end = gone.start(statement), gone.end(statement)
    line = source.text[source.starts[statement.lineno - 1] : start]
    rest = re.compile(r"[ \t]*(#[^\r\n]*)?(?=[\r\n]|\Z)").match(source.text, end)
    return statement if not line.strip() and rest is not None else None


def _fresh(gone: Gone) -> str | None:
    """A name for the connection that nothing in the file has."""
    module = gone.file.module
    used = {*module.source.names, *module.source.parameters, *module.bindings}
    return next((name for name in _NAMES if name not in used), None)
