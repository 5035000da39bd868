"""union, union_all, intersect, except_: a select() of an alias of the compound.

    a.union(b)          ->  select(aliased(User, union(a, b).subquery()))
    a.union(b)          ->  select(union(a, b).subquery())                     for queries of columns

Query selects from the compound as from a subquery; its criteria after that apply to the outside. Such criteria are refused,
because they have to name the alias; so are loader options on the parts, which Query moves to the outside.
"""

from __future__ import annotations

import ast

from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.layout import Select
from alchemove_codemods.rewrite.views import Builder, Refusal
from alchemove_codemods.values import Class, Query, State, parts

_SETS = ("union", "union_all", "intersect", "intersect_all", "except_", "except_all")


@rule(
    "set-operation",
    stage="select",
    on=_SETS,
    reasons={
        "set-of-unknown": "The entity that the union selects has no name here, or the parts are not known.",
        "set-with-options": "A part of the union has loader options or execution options, which Query applies to the outside.",
    },
)
def set_operation(call: Builder) -> Select | Refusal:
    """Wraps the compound as the statement to select from."""
    others = []
    for argument in call.positional:
        node = argument.value if isinstance(argument, ast.Starred) else argument
        values = list(parts(call.value(node)))
        if isinstance(argument, ast.Starred) or not values or not all(isinstance(v, Query) for v in values):
            return Refusal("set-of-unknown")
        others.extend(v.state for v in values if isinstance(v, Query))
    states = [call.before, *others]
    if any({"options", "execution_options", "yield_per", "populate_existing", "enable_eagerloads", "from_statement", "params"} & s.may for s in states):
        return Refusal("set-with-options")
    if any(_columns(s) is None or _columns(s) != _columns(call.before) for s in states):
        return Refusal("set-of-unknown")
    function = call.name(call.step.method)
    compound = f"{function}({', '.join([call.so_far.text, *(call.text(a) for a in call.positional)])}).subquery()"
    elements = call.before.elements or ()
    if _columns(call.before):
        return Select(f"{call.name('select')}({compound})")
    entity = call.chain.creation.arguments[0] if call.chain.creation is not None and len(elements) == 1 else None
    name = call.text(entity) if entity is not None and "with_entities" not in call.before.may else call.name_of_entity(elements[0].value)
    if name is None:
        return Refusal("set-of-unknown")
    return Select(f"{call.name('select')}({call.name('aliased', 'sqlalchemy.orm')}({name}, {compound}))")


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
    name = call.text(call.chain.creation.arguments[0]) if call.chain.creation is not None else call.name_of_entity(elements[0].value)
    if name is None:
        return Refusal("set-of-unknown")
    return Select(f"{call.name('select')}({call.name('aliased', 'sqlalchemy.orm')}({name}, {call.so_far.text}.subquery()))")
