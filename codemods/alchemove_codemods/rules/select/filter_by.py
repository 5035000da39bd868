"""filter_by: binds to the first entity, or to the last one joined.

    session.query(User).filter_by(name="ed")                      ->  select(User).filter_by(name="ed")
    session.query(User).join(Address).filter_by(city="ny")        ->  select(User).join(Address).where(Address.city == "ny")

SQLAlchemy 2.1 looks for the name in every FROM of a select(), Query only in the last one joined. So after a join, and with
several entities, the criterion is written out. It is refused where that entity cannot be told or has no name at this place.
"""

from __future__ import annotations

import ast

from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.layout import Link
from alchemove_codemods.rewrite.views import Builder, Refusal
from alchemove_codemods.rules.select.builders import refused_order
from alchemove_codemods.values import UNKNOWN, Class, Entity, Sql, Value

_COMPARED_LOOSELY = (
    ast.Compare,
    ast.BoolOp,
    ast.IfExp,
    ast.Lambda,
    ast.NamedExpr,
    ast.Yield,
    ast.YieldFrom,
    ast.UnaryOp,
)


@rule(
    "filter-by",
    stage="select",
    on=("filter_by",),
    reasons={
        "filter-by-target": "filter_by() after a join binds to the entity joined last, and that cannot be told or named here. Write it as where(Entity.attribute == value).",
    },
)
def filter_by(call: Builder) -> list[Link] | Refusal:
    """Kept where there is one entity, written out against the right one otherwise."""
    refusal = refused_order(call)
    if refusal:
        return refusal
    state = call.before
    elements = state.elements or ()
    owners = {owner for e in elements for owner in _owners(e.value)}
    first = next(iter(elements), None)
    simple = state.last is None and not {"join", "select_from", "reset_joinpoint"} & state.may
    if simple and (len(elements) == 1 or len(owners) == 1):
        return [call.link("filter_by")]
    target: Value | None = state.last
    if state.last is None and first is not None:
        found = list(_owners(first.value))
        target = found[0] if len(found) == 1 else UNKNOWN
    if state.last is None and "select_from" in state.may:
        target = UNKNOWN
    name = _name(call, target)
    if name is None or any(k.arg is None for k in call.call.keywords):
        return Refusal("filter-by-target")
    if not call.call.keywords:
        return []
    criteria = []
    if not all(_has(call, target, k.arg) for k in call.call.keywords):
        return Refusal("filter-by-target")
    for keyword in call.call.keywords:
        text = call.text(keyword.value)
        if isinstance(keyword.value, _COMPARED_LOOSELY):
            text = f"({text})"
        criteria.append(f"{name}.{keyword.arg} == {text}")
    return [call.link("where", f"({', '.join(criteria)})")]


def _has(call: Builder, target: Value | None, name: str | None) -> bool:
    """Whether *target* is known to have the attribute: a missing one raises another exception when it is written out."""
    cls = target.facts if isinstance(target, Class) else target.model if isinstance(target, Entity) else None
    return isinstance(target, Sql) or (
        cls is not None and name is not None and call.models.attribute(cls, name) is not None
    )


def _owners(value: Value) -> frozenset[Value]:
    match value:
        case Class() | Entity():
            return frozenset([value])
        case Sql(owners=owners):
            return owners
    return frozenset([UNKNOWN])


def _name(call: Builder, target: Value | None) -> str | None:
    """How *target* is written: the argument of the join that brought it, or its class."""
    if target is None or target == UNKNOWN:
        return None
    for step in reversed(call.chain.steps[: call.chain.steps.index(call.step)]):
        if step.method in ("join", "outerjoin", "select_from") and isinstance(step.node, ast.Call) and step.node.args:
            argument = step.node.args[0]
            if isinstance(argument, (ast.Name, ast.Attribute)) and step.values and step.values[0] == target:
                return call.text(argument) + (".c" if isinstance(target, Sql) else "")
    if isinstance(target, (Class, Entity)) and call.chain.creation is not None:
        for argument in call.chain.creation.arguments:
            elements = call.chain.creation.query.state.elements or ()
            index = call.chain.creation.arguments.index(argument)
            if (
                isinstance(argument, (ast.Name, ast.Attribute))
                and index < len(elements)
                and elements[index].value == target
            ):
                return call.text(argument)
    return call.name_of_entity(target)
