"""union, union_all, intersect, except_, from_self: a select() of an alias of the compound.

    a.union(b)                               ->  select(aliased(User, union(a, b).subquery()))
    a.union(b)                               ->  select(union(a, b).subquery())                  for queries of columns
    a.union(b).filter(User.name == "ed")     ->  select(user_alias := aliased(User, union(a, b).subquery())).where(user_alias.name == "ed")

Query selects from the compound as from a subquery; criteria after that apply to the outside, so they name the alias, which is bound by ``:=`` on
the way. The first part keeps the labels ``table_column`` that Query gives it, from which the compound has its names. Refused are
criteria whose references cannot be told, and loader options on the other parts.
Those of the first part move to the outside, where Query has them.
"""

from __future__ import annotations

import ast
from dataclasses import replace

from alchemove_codemods.analysis.elements import of_one_table
from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.layout import Link, Select
from alchemove_codemods.rewrite.views import Builder, Refusal
from alchemove_codemods.values import Class, Query, State, parts

_OUTSIDE = frozenset(
    {"options", "execution_options", "yield_per", "populate_existing", "enable_eagerloads", "from_statement", "params"}
)
_SETS = ("union", "union_all", "intersect", "intersect_all", "except_", "except_all")


@rule(
    "set-operation",
    stage="select",
    on=_SETS,
    reasons={
        "core-set": "The query is part of a union() of Core, whose columns are then named after its labels (table_column). Convert it by hand, with set_label_style(LABEL_STYLE_TABLENAME_PLUS_COL) if a label is read.",
        "set-of-unknown": "The entity that the union selects has no name here, or the parts are not known.",
        "set-with-options": "A part of the union has loader options or execution options, which Query applies to the outside.",
    },
)
def set_operation(call: Builder) -> Select | Refusal:
    """Wraps the compound as the statement to select from."""
    others: list[State] = []
    for argument in call.positional:
        node = argument.value if isinstance(argument, ast.Starred) else argument
        values = list(parts(call.value(node)))
        if isinstance(argument, ast.Starred) or not values or not all(isinstance(v, Query) for v in values):
            return Refusal("set-of-unknown")
        others.extend(v.state for v in values if isinstance(v, Query))
    states = [call.before, *others]
    moved = _moved(call)
    kept = _OUTSIDE - {"options"} if moved else _OUTSIDE
    if any(_OUTSIDE & s.may for s in others) or (kept | {"with_loader_criteria"}) & call.before.may:
        return Refusal("set-with-options")
    if any(_columns(s) is None or _columns(s) != _columns(call.before) for s in states):
        return Refusal("set-of-unknown")
    elements = call.before.elements or ()
    if any({"set", "from_self"} & s.may for s in states) and not of_one_table(call.models, elements):
        # The alias of the inner one has other columns.
        return Refusal("subquery-of-set")
    function = call.name(call.step.method)
    if _columns(call.before):
        if moved:
            return Refusal("set-with-options")
        return Select(f"{call.name('select')}({_compound(call, function, call.so_far)})")
    first = replace(call.so_far, links=tuple(link for link in call.so_far.links if link.origin != "options"))
    if not first.named("set_label_style"):
        # The names of a compound are those of its first part: Query has table_column there.
        first = first.plus(Link("set_label_style", f"({call.name('LABEL_STYLE_TABLENAME_PLUS_COL')})"))
    compound = _compound(call, function, first)
    entity = call.chain.creation.arguments[0] if call.chain.creation is not None and len(elements) == 1 else None
    name = (
        call.text(entity)
        if entity is not None and "with_entities" not in call.before.may
        else call.name_of_entity(elements[0].value if elements else None)
    )
    if name is None:
        return Refusal("set-of-unknown")
    return _of_alias(call, name, compound).plus(*(replace(link, joiner=".") for link in moved))


def _moved(call: Builder) -> list[Link]:
    """The loader options of the first part, all of which are written in this chain."""
    wrapped = call.chain.wrapped
    if (
        "options" not in call.before.may
        or wrapped is None
        or wrapped.step is not call.step
        or call.chain.creation is None
    ):
        return []
    for step in wrapped.moved:
        wrapped.check(step)
    links = [link for link in call.so_far.links if link.origin == "options"]
    return links if all(link.joiner.strip() in (".", "\\.") for link in links) else []


def _compound(call: Builder, function: str, first: Select) -> str:
    return f"{function}({', '.join([first.text, *(call.text(a) for a in call.positional)])}).subquery()"


def _of_alias(call: Builder, name: str, selectable: str) -> Select:
    """``select(aliased(...))``; the alias gets a name if something after it needs one."""
    alias = call.chain.wrapped.name if call.chain.wrapped is not None and call.chain.wrapped.step is call.step else None
    bound = f"{alias} := " if alias is not None else ""
    return Select(f"{call.name('select')}({bound}{call.name('aliased', 'sqlalchemy.orm')}({name}, {selectable}))")


def _columns(state: State) -> bool | None:
    """Whether rows are columns; False for one entity, None for anything else."""
    if state.elements is None:
        return None
    if len(state.elements) == 1 and isinstance(state.elements[0].value, Class):
        return False
    return True if all(e.kind == "column" and not e.starred for e in state.elements) else None


@rule("from-self", stage="select", on=("from_self",))
def from_self(call: Builder) -> Select | Refusal:
    """``q.from_self()`` becomes ``select(aliased(User, q.subquery()))``."""
    elements = call.before.elements or ()
    if call.call.args or call.call.keywords or len(elements) != 1 or not isinstance(elements[0].value, Class):
        return Refusal("set-of-unknown")
    if {"options", "yield_per"} & call.before.may:
        return Refusal("set-with-options")
    name = (
        call.text(call.chain.creation.arguments[0])
        if call.chain.creation is not None
        else call.name_of_entity(elements[0].value if elements else None)
    )
    if name is None:
        return Refusal("set-of-unknown")
    return _of_alias(call, name, f"{call.so_far.text}.subquery()")
