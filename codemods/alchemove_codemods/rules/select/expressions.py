"""subquery, cte, scalar_subquery, label, statement, whereclause: the same on ``select()``, which is the statement itself.

    query(User).subquery()            ->  select(User).subquery()
    query(User).as_scalar()           ->  select(User).scalar_subquery()
    query(User).statement             ->  select(User)
    query(User).is_single_entity      ->  True
    subquery(with_labels=True)        ->  .set_label_style(LABEL_STYLE_TABLENAME_PLUS_COL).subquery()

A select() is a statement, so what a Query had to make of itself first is the same thing here.
"""

from __future__ import annotations

import ast

from alchemove_codemods.analysis.elements import of_one_table
from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.layout import Link, bare
from alchemove_codemods.rewrite.views import Refusal, Terminal


@rule(
    "subquery",
    stage="select",
    on=("subquery", "cte", "scalar_subquery", "as_scalar", "label", "alias"),
    reasons={
        "subquery-arguments": "The method is called with arguments that have no exact modern form.",
        "subquery-of-set": "A subquery, or another union, of a union of objects whose columns are deferred, or of several tables, has other columns when it is made of select().",
    },
)
def subquery(end: Terminal) -> str | Refusal:
    """The statement as a selectable."""
    if "from_statement" in end.state.may:
        return Refusal("subquery-arguments")
    if {"set", "from_self"} & end.state.may and not of_one_table(end.models, end.known_elements):
        return Refusal("subquery-of-set")
    method = "scalar_subquery" if end.step.method == "as_scalar" else end.step.method
    keywords = {k.arg: k.value for k in end.call.keywords}
    links: list[Link] = []
    for option, link in (
        (
            "with_labels",
            ("set_label_style", f"({end.name('LABEL_STYLE_TABLENAME_PLUS_COL')})" if "with_labels" in keywords else ""),
        ),
        ("reduce_columns", ("reduce_columns", "()")),
    ):
        given = keywords.pop(option, None)
        match given:
            case None | ast.Constant(value=False):
                pass
            case ast.Constant(value=True):
                links.append(Link(link[0], link[1], bare(end.joiner) if links else end.joiner))
            case _:
                return Refusal("subquery-arguments")
    rest = ", ".join([*(end.text(a) for a in end.positional), *(f"{k}={end.text(v)}" for k, v in keywords.items())])
    arguments = f"({rest})" if len(keywords) != len(end.call.keywords) else end.arguments
    return end.select.plus(*links, Link(method, arguments, bare(end.joiner) if links else end.joiner)).text


@rule(
    "statement",
    stage="select",
    on=("statement", "whereclause", "column_descriptions", "is_single_entity", "selectable", "session"),
    reasons={"query-attribute": "The attribute has no exact counterpart on select()."},
)
def statement(end: Terminal) -> str | Refusal:
    """``.statement`` is the statement; its attributes are the same."""
    node = end.step.node
    assert isinstance(node, ast.Attribute)
    match end.step.method:
        case "statement" if "yield_per" in end.state.may:
            # That of a Query comes without.
            return Refusal("query-attribute")
        case "statement":
            return end.select.text
        case "whereclause" | "column_descriptions":
            return end.select.plus(Link(end.step.method, None, end.joiner)).text
        case "session":
            return end.chain.session(end.query)
        case "is_single_entity" if (
            end.chain.creation is not None
            and not end.chain.builders
            and all(isinstance(a, (ast.Name, ast.Attribute)) for a in end.chain.creation.arguments)
        ):
            elements = end.known_elements
            if len(elements) > 1 or (elements and elements[0].kind == "entity"):
                return str(len(elements) == 1)
    return Refusal("query-attribute")
