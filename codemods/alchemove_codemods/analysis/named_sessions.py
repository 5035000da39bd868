"""Names for sessions that have none: ``q = open_session().query(User)`` gets a line ``session = open_session()`` before it.

A query keeps its session, a statement is run by one that can be named where it is run. The name is one that the function does not use.
"""

from __future__ import annotations

import ast
from functools import lru_cache

from alchemove_codemods.facts import FunctionFacts
from alchemove_codemods.source import Source
from alchemove_codemods.trees import walk

_NAMES = ("session", "db_session", "sql_session")


def name_of(function: FunctionFacts, node: ast.expr) -> str | None:
    """The name that the session *node* gets, None where no line can be put before the statement."""
    if not isinstance(function.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return None
    statement = statement_of(function, node)
    return None if statement is None else names(function).get(variable(statement))


def statement_of(function: FunctionFacts, node: ast.expr) -> ast.Assign | None:
    """The ``q = node.query(...)...`` whose value begins with *node* and whose line begins with the variable."""
    return _statement(node, function.module.source)


@lru_cache(maxsize=1 << 12)
def names(function: FunctionFacts) -> dict[str, str]:
    """The name of the session of each variable of *function* that gets a query of a session without one."""
    taken: set[str] = set()
    for node in walk(function.node):
        match node:
            case ast.Name(id=name) | ast.arg(arg=name) | ast.FunctionDef(name=name) | ast.ExceptHandler(name=str(name)):
                taken.add(name)
            case ast.alias(name=name, asname=asname):
                taken.add(asname or name.split(".", 1)[0])
            case ast.Global(names=several) | ast.Nonlocal(names=several):
                taken |= set(several)
    return dict(zip(statements(function), (name for name in _NAMES if name not in taken)))


@lru_cache(maxsize=1 << 12)
def statements(function: FunctionFacts) -> dict[str, list[ast.Assign]]:
    """The statements of *function* that make a query of a session without a name, by their variable."""
    found: dict[str, list[ast.Assign]] = {}
    asked = [n.value for n in walk(function.node) if isinstance(n, ast.Attribute) and n.attr == "query"]
    for session in sorted(asked, key=lambda node: node.lineno):
        statement = None if isinstance(session, ast.Name) else _statement(session, function.module.source)
        if statement is not None:
            found.setdefault(variable(statement), []).append(statement)
    return found


def _statement(session: ast.expr, source: Source) -> ast.Assign | None:
    parents, inner = source.parents, session
    outer = parents.get(inner)
    if not isinstance(outer, ast.Attribute) or outer.attr != "query" or isinstance(session, ast.NamedExpr):
        return None
    if session.lineno != session.end_lineno and "#" in source.segment(session):
        return None  # a comment would be lost
    while isinstance(outer, (ast.Attribute, ast.Call)) and inner is (
        outer.value if isinstance(outer, ast.Attribute) else outer.func
    ):
        inner, outer = outer, parents.get(outer)
    match outer:
        case ast.Assign(targets=[ast.Name()], value=value) if value is inner:
            start = source.start(outer)
            return None if source.text[source.starts[outer.lineno - 1] : start].strip() else outer
    return None


def variable(statement: ast.Assign) -> str:
    """The variable that *statement* assigns to."""
    (target,) = statement.targets
    assert isinstance(target, ast.Name)
    return target.id
