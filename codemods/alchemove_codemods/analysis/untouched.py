"""Sessions that never have anything to flush: opened in the function, and asked nothing that could bring an object.

A ``select()`` of Core constructs alone does not autoflush on SQLAlchemy 2.0, a Query does. In
``with Session(engine) as session: session.query(table.c.name).all()`` there is nothing to flush, so that this makes no difference.
"""

from __future__ import annotations

import ast

from alchemove_codemods.analysis.annotations import session_flavour
from alchemove_codemods.analysis.knowledge import Knowledge
from alchemove_codemods.analysis.records import Creation, Step
from alchemove_codemods.facts import FunctionFacts, last_name
from alchemove_codemods.trees import walk
from alchemove_codemods.values import External, Session

_STATEMENTS = frozenset({"insert", "update", "delete", "text"})
_HARMLESS = frozenset(
    {
        "commit",
        "rollback",
        "flush",
        "close",
        "close_all",
        "begin",
        "connection",
        "get_bind",
        "bind",
        "in_transaction",
        "is_active",
    }
)

_WIDENING = frozenset({"with_entities", "add_entity", "add_columns", "add_column", "from_statement"})
"""Methods of Query that change what its rows hold."""


def stays_untouched(knowledge: Knowledge, function: FunctionFacts, name: str) -> bool:
    """Whether the variable *name* of *function* is a session that is opened there and never has an object in it.

    Every use of it counts, wherever it stands: queries of columns of Core, statements that change rows without giving any, and
    the ends of transactions.
    """
    if isinstance(function.node, ast.Module) or not _is_opened(knowledge, function, name):
        return False
    parents = function.module.source.parents
    bound = 0
    for node in walk(function.node):
        match node:
            case ast.Name(id=found, ctx=ast.Load()) if found == name:
                if not _is_harmless(knowledge, function, parents.get(node)):
                    return False
            case ast.Name(id=found) | ast.arg(arg=found) if found == name:
                bound += 1
            case ast.Global(names=names) | ast.Nonlocal(names=names) if name in names:
                return False
    return bound == 1


def _is_opened(knowledge: Knowledge, function: FunctionFacts, name: str) -> bool:
    """Whether a ``with`` or an assignment binds *name* to a session that it makes."""
    for node in walk(function.node):
        match node:
            case ast.withitem(context_expr=ast.Call() as call, optional_vars=ast.Name(id=found)) if found == name:
                return _opens(knowledge, function, call)
            case ast.Assign(targets=[ast.Name(id=found)], value=ast.Call() as call) if found == name:
                return _opens(knowledge, function, call)
    return False


def _opens(knowledge: Knowledge, function: FunctionFacts, call: ast.Call) -> bool:
    """Whether *call* makes a session of SQLAlchemy's own class: ``Session(engine)``, or what a ``sessionmaker`` gives."""
    root: ast.expr = call.func
    while isinstance(root, ast.Attribute):
        root = root.value
    if not isinstance(root, ast.Name) or root.id not in function.module.bindings:
        return False
    match knowledge.static(function.module, call.func):
        case External() as made:
            return session_flavour(knowledge, made) in ("orm", "sqlmodel")
        case Session(flavour="orm" | "sqlmodel", proof="constructor"):
            # An instance of sessionmaker, and no session kept for the thread: those have another flavour.
            return True
    return False


def _is_harmless(knowledge: Knowledge, function: FunctionFacts, use: ast.AST | None) -> bool:
    """Whether *use*, an attribute taken from the session, brings no object into it."""
    if not isinstance(use, ast.Attribute):
        return False
    if use.attr in _HARMLESS:
        return True
    call = function.module.source.parents.get(use)
    if not isinstance(call, ast.Call) or call.func is not use:
        return False
    if use.attr == "query":
        return _gives_columns(knowledge, function, call)
    if use.attr in ("execute", "scalar", "scalars") and call.args:
        return _gives_nothing(function, call.args[0], set())
    return False


def _gives_columns(knowledge: Knowledge, function: FunctionFacts, call: ast.Call) -> bool:
    """Whether the query that *call* makes gives columns of Core, and nothing makes it give anything else later."""
    made = [
        r.query
        for f, records in knowledge.records.items()
        if f.module is function.module
        for r in records.values()
        if isinstance(r, Creation) and r.node is call
    ]
    components = {query.component.find() for query in made}
    return (
        bool(made)
        and all(
            "orm" not in q.state.may and q.state.elements and all(e.kind == "column" for e in q.state.elements)
            for q in made
        )
        and not any(
            isinstance(r, Step) and r.method in _WIDENING and r.before.component.find() in components
            for records in knowledge.records.values()
            for r in records.values()
        )
    )


def _gives_nothing(function: FunctionFacts, node: ast.expr, seen: set[str]) -> bool:
    """Whether *node* is a statement that changes rows, or text: it is run without making objects."""
    root: ast.expr = node
    while isinstance(root, ast.Call) and isinstance(root.func, ast.Attribute) and root.func.attr not in _STATEMENTS:
        if root.func.attr == "returning":
            return False
        root = root.func.value
    match root:
        case ast.Call(func=function_) if last_name(function_) in _STATEMENTS:
            return True
        case ast.Constant(value=str()):
            return True
        case ast.Name(id=name) if name not in seen:
            given = [
                inner.value
                for inner in walk(function.node)
                if isinstance(inner, ast.Assign)
                and any(isinstance(t, ast.Name) and t.id == name for t in inner.targets)
            ]
            stored = sum(
                isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Store) for n in walk(function.node)
            )
            return (
                bool(given)
                and len(given) == stored
                and all(_gives_nothing(function, value, seen | {name}) or _builds_on(value, name) for value in given)
            )
    return False


def _builds_on(node: ast.expr, name: str) -> bool:
    """Whether *node* is a chain of calls on the variable *name* itself: ``statement = statement.where(...)``."""
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr == "returning":
            return False
        node = node.func.value
    return isinstance(node, ast.Name) and node.id == name
