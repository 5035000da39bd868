"""Whether a statement autoflushes, as a Query always does: only what runs through the ORM does.

SQLAlchemy 2.0 takes what a statement selects, selects from, joins and compares for that; 1.4 leaves out what it compares: `select(literal(1)).where(User.id == 1)`
autoflushes on 2.0 only, and so does a scalar subquery.
"""

from __future__ import annotations

from alchemove_codemods.analysis.elements import is_orm, runs_through_orm
from alchemove_codemods.pinned import Allowed, only_below
from alchemove_codemods.values import Element, Sql, State


def autoflushes(state: State, sqlalchemy: Allowed | None) -> bool:
    """Whether the statement made of a query with *state* autoflushes on the versions of SQLAlchemy that are allowed."""
    if not only_below(sqlalchemy, (2, 0)):
        return runs_through_orm(state)
    if "orm" not in state.must:
        return "from_statement" in state.must
    if "set" in state.may and not any(element.kind == "entity" for element in state.elements or ()):
        return False  # columns of a union are selected from a subquery that tells nothing
    return bool({"select_from", "join"} & state.must) or any(map(_is_selected, state.elements or ()))


def _is_selected(element: Element) -> bool:
    """Whether 1.4 takes *element* for something of the ORM."""
    if isinstance(element.value, Sql) and element.value.kind in ("select", "exists"):
        return False
    return element.kind != "column" or is_orm(element.value)
