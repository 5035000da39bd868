"""The line ``session = open_session()`` before ``q = select(User)``, where the session that made the query had no name."""

from __future__ import annotations

import ast

from alchemove_codemods.analysis.knowledge import Knowledge
from alchemove_codemods.analysis.named_sessions import names, statement_of, statements, variable
from alchemove_codemods.analysis.records import Creation, Step
from alchemove_codemods.facts import FunctionFacts
from alchemove_codemods.rewrite.edits import Insertion
from alchemove_codemods.rewrite.views import Refused
from alchemove_codemods.trees import walk
from alchemove_codemods.values import Held, Query


def name_session(knowledge: Knowledge, held: Held, query: Query, base: ast.expr, lines: range) -> None:
    """Give the session that made *query* its name, for a use at *base*, the last of *lines*.

    Raises :exc:`Refused` if another session could have the name by then, or if the variable lets go of the query, and so of a session
    that nothing else may hold.
    """
    function = held.frame
    assert function is not None
    records, component = knowledge.records.get(function, {}).values(), query.component.find()
    creations = [r for r in records if isinstance(r, Creation) and r.query.component.find() is component]
    made = creations[0] if len(creations) == 1 else None
    statement = statement_of(function, made.session) if made is not None and made.session is not None else None
    if made is None or statement is None or names(function).get(variable(statement)) != held.root:
        raise Refused("several-sessions")
    name = variable(statement)
    if any(other is not statement and other.lineno in lines for other in statements(function)[name]):
        raise Refused("several-sessions")
    if _is_repeated(function, statement) and not (isinstance(base, ast.Name) and base.id == name):
        raise Refused("several-sessions")
    if _lets_go(knowledge, function, name):
        raise Refused("session-not-in-scope")
    knowledge.named_sessions[made] = held.root


def naming(made: Creation, name: str) -> Insertion:
    """The line that names the session of *made*."""
    module, session = made.function.module, made.session
    assert session is not None
    statement, source = statement_of(made.function, session), module.source
    assert statement is not None
    text = source.segment(session)
    if "\n" in text or "\r" in text:
        text = ast.unparse(session)
    at = source.start(statement)
    return Insertion(module, at, f"{name} = {text}{source.newline}{source.indent_at(at)}")


def _is_repeated(function: FunctionFacts, statement: ast.stmt) -> bool:
    parents = function.module.source.parents
    at: ast.AST | None = statement
    while at is not None and at is not function.node:
        if isinstance(at, (ast.For, ast.AsyncFor, ast.While)):
            return True
        at = parents.get(at)
    return False


def _lets_go(knowledge: Knowledge, function: FunctionFacts, name: str) -> bool:
    """Whether *name* is bound to anything but a query, or deleted."""
    parents, records = function.module.source.parents, knowledge.records.get(function, {})
    for node in walk(function.node):
        if isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load):
            parent = parents.get(node)
            if not isinstance(parent, ast.Assign) or parent.targets != [node]:
                return True
            step = records.get((parent.value, "Step"))
            ends = isinstance(step, Step) and step.after is None
            if ends or not any((parent.value, kind) in records for kind in ("Step", "Creation", "Mention")):
                return True
    return False
