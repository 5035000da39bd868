"""scalar, value, values: the first column.

    query(func.count(User.id)).scalar()          ->  session.scalar(select(func.count(User.id)))
    query(User.name).filter(...).scalar()        ->  session.execute(select(User.name).where(...)).scalar_one_or_none()
    query(User).filter(...).value(User.name)     ->  session.scalar(select(User).where(...).with_only_columns(User.name))
    list(query(User).values(User.id, User.name)) ->  list(session.execute(select(User).with_only_columns(User.id, User.name)))

``Query.scalar()`` raises when there are several rows, ``Session.scalar()`` does not: it is used where there can be but one
(an aggregate without GROUP BY, LIMIT 1, EXISTS). ``Query.values()`` gives a generator, which sends the statement when it is
asked for its first item: it is rewritten where it is gone through on the spot.
"""

from __future__ import annotations

import ast

from alchemove_codemods.analysis.inheritance import inherits
from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.layout import Link
from alchemove_codemods.rewrite.laziness import is_consumed_at_once, takes_results
from alchemove_codemods.rewrite.views import Refusal, Terminal
from alchemove_codemods.values import Class, Sql, Value


@rule("scalar", stage="select")
def scalar(end: Terminal) -> str:
    """The first column of the only row, None if there is no row."""
    if end.single_entity:
        return end.run("one_or_none")
    if _one_row(end):
        return end.run(via="scalar")
    return end.run("scalar_one_or_none")


def _one_row(end: Terminal) -> bool:
    state = end.state
    if "limit_one" in state.must and "eager" not in state.may:
        return True
    elements = end.known_elements
    single = (
        len(elements) == 1 and isinstance(elements[0].value, Sql) and elements[0].value.kind in ("aggregate", "exists")
    )
    if not single or {"group_by", "set", "from_self", "from_statement", "having"} & state.may:
        return False
    kind = elements[0].value.kind if isinstance(elements[0].value, Sql) else ""
    return kind == "aggregate" or not {"join", "select_from", "where"} & state.may


@rule(
    "value",
    stage="select",
    on=("value", "values"),
    reasons={"value-arguments": "value() or values() is called with arguments that cannot be written out."},
)
def value(end: Terminal) -> str | Refusal:
    """The given columns instead of the selected ones."""
    if not end.positional or any(isinstance(a, ast.Starred) for a in end.positional) or end.call.keywords:
        return Refusal("value-arguments")
    if {"set", "from_self", "from_statement"} & end.state.may:
        return Refusal("criteria-after-set")
    values = [end.value(a) for a in end.positional]
    if not all(isinstance(v, Sql) and v.kind not in ("bundle", "bundle-entity", "option") for v in values):
        return Refusal("value-arguments")
    named = {owner for v in values if isinstance(v, Sql) for owner in v.owners}
    dropped = [e.value for e in end.known_elements if e.value not in named]
    if "join" in end.state.may and dropped and not _sides_are_named(end, dropped):
        return Refusal("value-arguments")
    select = end.select.plus(Link("with_only_columns", end.arguments))
    if end.step.method == "value":
        return end.running("scalar", select, [])
    node, parents = end.step.node, end.file.parents
    if not (isinstance(node, ast.expr) and is_consumed_at_once(node, parents, end.file.module.bindings)):
        return Refusal("lazy-iteration")
    return end.running("execute", select, [] if takes_results(parents.get(node)) else ["all"])


def _sides_are_named(end: Terminal, dropped: list[Value]) -> bool:
    """Whether the joins say themselves what they start from, and not only what is selected, which is *dropped*.

    A class that inherits takes the criterion on its discriminator along, which Query keeps and with_only_columns() drops.
    """
    joins = [s for s in end.chain.builders if s.method in ("join", "outerjoin")]
    return (
        end.chain.creation is not None
        and all(s.values and isinstance(s.values[0], Sql) and s.values[0].kind == "relationship" for s in joins)
        and all(isinstance(v, Class) and not inherits(end.models, v.facts) for v in dropped)
    )
