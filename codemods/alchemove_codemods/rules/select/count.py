"""count, exists: a statement around the statement.

    query(User).count()      ->  session.scalar(select(func.count()).select_from(select(User).subquery()))
    query(User).exists()     ->  select(literal_column("1")).select_from(User).exists()

``count()`` counts rows, not objects, and does so in the database around the whole statement.
"""

from __future__ import annotations

import ast

from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.layout import Link, Select, bare
from alchemove_codemods.rewrite.views import Refusal, Terminal
from alchemove_codemods.values import Element, Sql, Value

_SIMPLE = frozenset({"filter", "where", "filter_by", "join", "outerjoin", "options_none", "with_parent"})


@rule(
    "count",
    stage="select",
    reasons={
        "count-with-options": "count() follows execution options, from_statement() or with_loader_criteria(), which do not reach the other statement.",
        "exists-of-set": "exists() of a union has no form that is the same.",
        "exists-of-columns": "exists() of a query of expressions, tables or several classes leaves out of FROM what it selects, but for the first class. Use exists() of a query of that class.",
    },
)
def count(end: Terminal) -> str | Refusal:
    """The number of rows."""
    if {"from_statement", "with_loader_criteria"} & end.state.may:
        return Refusal("count-with-options")
    options: list[str] = []
    select = end.select
    flagged = {"execution_options", "autoflush"} & end.state.may
    if flagged:
        moved = _moved_options(end)
        if moved is None:
            return Refusal("count-with-options")
        options, select = moved
    func = end.name("func")
    extra = f", execution_options={{{', '.join(options)}}}" if options else ""
    inner = select.plus(Link("subquery", "()", _joiner(end, select)))
    return end.wrap(f"{end.session}.scalar({end.name('select')}({func}.count()).select_from(", inner, f"){extra})")


def _joiner(end: Terminal, select: Select) -> str:
    joiner = end.tail_joiner
    return joiner if select.stacked and "\n" in joiner else "."


def _moved_options(end: Terminal) -> tuple[list[str], Select] | None:
    """Execution options belong to the outer statement: as arguments, and the statement without them."""
    found: list[str] = []
    for step in end.chain.builders:
        if step.method in ("execution_options", "autoflush"):
            assert isinstance(step.node, ast.Call)
            call = step.node
            if step.method == "autoflush" and len(call.args) == 1:
                found.append(f'"autoflush": {end.text(call.args[0])}')
            elif step.method == "execution_options" and not call.args and all(k.arg for k in call.keywords):
                found += [f'"{k.arg}": {end.text(k.value)}' for k in call.keywords]
            else:
                return None
    if not found:
        return None
    select = end.select
    kept = tuple(link for link in select.links if link.origin not in ("execution_options", "autoflush"))
    return found, Select(select.head, kept, select.opening)


@rule("exists", stage="select")
def exists(end: Terminal) -> str | Refusal:
    """``EXISTS (SELECT 1 ...)``."""
    state, chain = end.state, end.chain
    if {"set", "from_self", "from_statement"} & state.may:
        return Refusal("exists-of-set")
    one = f'{end.name("literal_column")}("1")'
    joiner = end.joiner
    elements = state.elements or ()
    simple = (
        chain.creation is not None
        and len(chain.creation.arguments) == 1
        and len(elements) == 1
        and elements[0].kind == "entity"
    )
    if (
        simple
        and chain.creation is not None
        and chain.creation.kind != "dynamic-relationship"
        and all(s.method in _SIMPLE for s in chain.builders)
    ):
        entity = end.text(chain.creation.arguments[0])
        if chain.creation.of_instance:
            entity = f"type({entity})"
        select = end.select
        # Rows of the entity itself are not selected, so FROM has to name it.
        return Select(
            f"{end.name('select')}({one}).select_from({entity})",
            (*select.links, Link("exists", "()", joiner)),
            select.opening,
        ).text
    owners = [_owners(element, state.criteria) for element in elements]
    if not elements or any(o is None for o in owners):
        return Refusal("exists-of-columns")
    if len(frozenset[Value]().union(*(o for o in owners if o is not None))) < 2:
        maintained = Link("with_only_columns", f"({one}, maintain_column_froms=True)", joiner)
        return end.select.plus(maintained, Link("exists", "()", bare(joiner))).text
    # Of what a query selects from, only the first entity stays in FROM.
    (first,) = owners[0] if owners[0] and len(owners[0]) == 1 else (None,)
    name = end.name_of_entity(first)
    if name is None:
        return Refusal("exists-of-columns")
    only = [Link("with_only_columns", f"({one})", joiner), Link("select_from", f"({name})", bare(joiner))]
    return end.select.plus(*only, Link("exists", "()", bare(joiner))).text


def _owners(element: Element, criteria: frozenset[Value]) -> frozenset[Value] | None:
    """The entities that *element* of a query is taken from; None where that is not known.

    So it is for a table as well, which does not stay in FROM unless *criteria* refer to it.
    """
    value = element.value
    match element.kind, value:
        case "entity", _:
            return frozenset([value])
        case _, Sql(opaque=False, core=core, owners=owners) if not element.starred:
            return owners if not core or (owners and owners <= criteria) else None
    return None
