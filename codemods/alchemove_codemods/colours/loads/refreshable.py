"""Which attributes a refresh gives the value that they would have when they are loaded lazily."""

from __future__ import annotations

import ast

from alchemove_codemods.analysis.declared import Attribute, is_deferred
from alchemove_codemods.colours.lazy import EAGER
from alchemove_codemods.colours.loads.loading import Loading
from alchemove_codemods.facts import last_name
from alchemove_codemods.trees import walk

_PARTLY = frozenset({"load_only", "defer"})


def is_loaded(place: Loading, attribute: Attribute, name: str) -> bool:
    """Whether the line that *place* is behind loads *attribute* already: a ``refresh()`` of columns, or one that names it."""
    refresh = place.refresh
    if refresh is None or refresh.kind != "refresh" or _leads_back(place, attribute):
        return False
    if refresh.names:
        return name in refresh.names
    return attribute.lazy in EAGER or (attribute.kind == "column" and not is_deferred(attribute.node))


def is_possible(place: Loading, attribute: Attribute, name: str) -> bool:
    """Whether *attribute* is read from the database there with a sync session, too."""
    refresh = place.refresh
    if refresh is None or (refresh.names and name not in refresh.names) or _leads_back(place, attribute):
        return False
    if attribute.kind == "column":
        return True
    if attribute.kind != "relationship" or attribute.lazy not in EAGER | {"select"} or attribute.target is None:
        return False
    return refresh.again or bool(refresh.names) or _is_unset(refresh.made, name)


def _leads_back(place: Loading, attribute: Attribute) -> bool:
    """Whether *attribute* is one object of the same class: ``refresh()`` leaves that unloaded, and it is loaded when it is read.

    SQLAlchemy loads no many-to-one relationship beside an object of the class that it leads to.
    """
    return (
        attribute.kind == "relationship"
        and attribute.target in (place.cls, attribute.owner)
        and not attribute.collection
    )


def _is_unset(made: ast.Call | None, name: str) -> bool:
    """Whether the object was *made* without *name*: before a commit it would have what it was given."""
    return made is not None and all(k.arg not in (None, name) for k in made.keywords)


def defers(loading: Loading) -> bool:
    """Whether the statement of *loading* may leave columns out."""
    steps = loading.statement.steps if loading.statement is not None else ()
    calls = [call for name, call, *_ in steps if name == "options"]
    calls += [loading.node] if isinstance(loading.node, ast.Call) and loading.statement is None else []
    return any(isinstance(n, ast.Call) and last_name(n.func) in _PARTLY for call in calls for n in walk(call))
