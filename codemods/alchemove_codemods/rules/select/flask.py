"""get_or_404, first_or_404, one_or_404, paginate: the methods of Flask-SQLAlchemy's extension object.

    User.query.get_or_404(1)                         ->  db.get_or_404(User, 1)
    User.query.filter_by(name=n).first_or_404()      ->  db.first_or_404(select(User).filter_by(name=n).limit(1))
    User.query.paginate(page=2)                      ->  db.paginate(select(User), page=2)

They exist since Flask-SQLAlchemy 3.0. They do not de-duplicate rows and give single values, so they are refused for rows of several
columns and where Query would have dropped duplicates.
"""

from __future__ import annotations

import ast

from alchemove_codemods.analysis.rows import rows_can_repeat
from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.views import Refusal, Terminal
from alchemove_codemods.rules.select.get import get_arguments
from alchemove_codemods.rules.select.results import limit_one

_DESCRIPTION = frozenset({"description"})


@rule(
    "flask-terminal",
    stage="select",
    on=("get_or_404", "first_or_404", "one_or_404", "paginate"),
    reasons={
        "flask-rows": "Flask-SQLAlchemy's function gives single values and keeps duplicates; this query has rows of columns, or may have duplicates.",
        "flask-arguments": "The arguments have no exact modern form (positional ones of paginate, for instance).",
        "pagination-inspected": "The pagination object is returned or passed on: db.paginate() gives another class (SelectPagination) than Query.paginate(). Convert it by hand if nobody looks at the class.",
        "flask-object": "The extension object (db) has no name here.",
    },
)
def flask_terminal(end: Terminal) -> str | Refusal:
    """``db.<method>(...)``."""
    method = end.step.method
    session = end.session
    if not session.endswith(".session"):
        return Refusal("flask-object")
    database = session[: -len(".session")]
    if method == "get_or_404":
        return _get_or_404(end, database)
    if not end.single_entity:
        return Refusal("flask-rows")
    if any(isinstance(a, ast.Starred) for a in end.positional) or any(k.arg is None for k in end.call.keywords):
        return Refusal("flask-arguments")
    state = end.state
    if method == "first_or_404":
        if rows_can_repeat(state.with_("limit_one")) or "from_statement" in state.may:
            return Refusal("flask-rows")
        select = limit_one(end)
    else:
        if rows_can_repeat(state):
            return Refusal("flask-rows")
        select = end.select
    if method == "paginate":
        if end.positional:
            return Refusal("flask-arguments")
        if {"limit", "offset", "group_by", "set", "yield_per"} & state.may:
            return Refusal("flask-rows")
        extra = "".join(f", {k.arg}={end.text(k.value)}" for k in end.call.keywords)
    else:
        extra = _description(end, end.positional)
    return end.wrap(f"{database}.{method}(", select, f"{extra})")


def _get_or_404(end: Terminal, database: str) -> str | Refusal:
    if not end.positional:
        return Refusal("flask-arguments")
    arguments = get_arguments(end)
    if isinstance(arguments, Refusal):
        return arguments
    return f"{database}.get_or_404({arguments}{_description(end, end.positional[1:])})"


def _description(end: Terminal, positional: list[ast.expr]) -> str:
    """Query takes the description by position, the extension object by keyword."""
    texts = [f", description={end.text(a)}" for a in positional]
    return "".join([*texts, *(f", {k.arg}={end.text(k.value)}" for k in end.call.keywords if k.arg in _DESCRIPTION)])
