"""Queries inside of other statements: what is written with Core alone runs through the ORM as long as there is a Query in it.

``session.execute(select(table).where(table.c.id.in_(session.query(table.c.id))))`` autoflushes, with a ``select()`` of the same columns
it does not on SQLAlchemy 2.0. Inside a Query, or beside a mapped class, this makes no difference.
"""

from __future__ import annotations

import ast

from alchemove_codemods.analysis.knowledge import Knowledge
from alchemove_codemods.analysis.records import Mention, Step
from alchemove_codemods.facts import FunctionFacts, last_name
from alchemove_codemods.rewrite.autoflush import autoflushes
from alchemove_codemods.trees import walk
from alchemove_codemods.values import Class

EMBEDDING = frozenset({"subquery", "cte", "scalar_subquery", "as_scalar", "label", "alias", "exists", "statement"})
"""What makes something of a query that other statements may hold."""

_MAKING = frozenset({"select", "insert", "update", "delete"})
_WITHOUT_SESSION = frozenset({"read_sql", "read_sql_query", "from_select", "compile", "str", "print", "debug", "info"})
"""What looks at a statement, runs it on a connection, or makes one of it that nobody autoflushes for (``INSERT``)."""

_DEEPEST = 3
"""Through how many variables a statement is followed."""


def loses_autoflush(knowledge: Knowledge, record: Step | Mention) -> bool:
    """Whether what *record* hands on, made of Core alone, may be run by a session in a statement that has nothing of the ORM besides."""
    match record:
        case Step(method=method, before=query) if method in EMBEDDING:
            pass
        case Mention(query=query):
            pass
        case _:
            return False
    return not autoflushes(query.state, knowledge.sqlalchemy) and _is_run(knowledge, record.function, record.node, 0)


def _is_run(knowledge: Knowledge, function: FunctionFacts, node: ast.expr, depth: int) -> bool:
    """Whether the statement around *node* may be run by a session as one of Core."""
    parents, records = function.module.source.parents, knowledge.records.get(function, {})
    inside: ast.AST = node
    at = parents.get(node)
    while isinstance(at, (ast.expr, ast.keyword)):
        if isinstance(at, ast.Call) and inside is not at.func:
            if (at, "Step") in records or (at, "Creation") in records:
                return False  # a query asks for itself
            name = last_name(at.func)
            if name in _WITHOUT_SESSION or _is_of_the_orm(knowledge, function, at):
                return False
            if name in ("execute", "scalar", "scalars"):
                return not _is_connection(at.func)
        elif isinstance(at, ast.Attribute) and at.attr in _WITHOUT_SESSION:
            return False
        elif isinstance(at, ast.Call) and (at, "Step") in records:
            return False  # a step of the query itself
        inside, at = at, parents.get(at)
    match at:
        case ast.Assign(targets=[ast.Name(id=name)]) if depth < _DEEPEST and not isinstance(function.node, ast.Module):
            return any(
                _is_run(knowledge, function, use, depth + 1)
                for use in walk(function.node)
                if isinstance(use, ast.Name) and use.id == name and isinstance(use.ctx, ast.Load)
            )
        case ast.Expr() | ast.Delete() | ast.Assert():
            return False
    # What is handed on is a query still, or a statement that may be run anywhere.
    return not isinstance(records.get((node, "Mention")), Mention)


def _is_of_the_orm(knowledge: Knowledge, function: FunctionFacts, call: ast.Call) -> bool:
    """Whether *call* is, or is called on, one that makes a statement of a mapped class, or of an attribute of one."""
    while isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Call):
        call = call.func.value
    for argument in call.args if last_name(call.func) in _MAKING else ():
        cls = argument.value if isinstance(argument, ast.Attribute) else argument
        if isinstance(cls, ast.Name):
            value = knowledge.static(function.module, cls)
            if isinstance(value, Class) and knowledge.models.is_mapped(value.facts):
                return True
    return False


def _is_connection(method: ast.expr) -> bool:
    """Whether *method* is one of a connection or an engine, which know of no session."""
    owner = method.value if isinstance(method, ast.Attribute) else method
    name = last_name(owner.func if isinstance(owner, ast.Call) else owner) or ""
    return name.lower().endswith(("connection", "conn", "engine", "connect"))
