"""Of which class a query is: SQLAlchemy's own, one of some classes of the program, or one that is not known."""

from __future__ import annotations

from alchemove_codemods.facts import ClassFacts

QueryClass = tuple[ClassFacts, ...] | str | None
"""None is SQLAlchemy's own class, a text how an unknown one is written, which may do anything."""


def together(first: QueryClass, second: QueryClass) -> QueryClass:
    """The class of a query that is of *first* or of *second*."""
    if not first or not second or first == second:
        return first or second
    if isinstance(first, str) or isinstance(second, str):
        return first if isinstance(first, str) else second
    return tuple(dict.fromkeys([*first, *second]))
