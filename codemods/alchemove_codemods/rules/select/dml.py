"""update and delete: statements of their own.

    query(User).filter(c).update({"nick": "x"})                  ->  session.execute(update(User).where(c).values({"nick": "x"})).rowcount
    query(User).filter(c).delete(synchronize_session=False)      ->  session.execute(delete(User).where(c).execution_options(synchronize_session=False)).rowcount

    query(table).filter_by(id=1).delete()                        ->  session.execute(delete(table).filter_by(id=1)).rowcount

``.rowcount`` is left out where nobody reads it. Refused after limit, order_by, distinct, group_by or join and on columns (the
legacy code raises or ignores them), and on a query from elsewhere whose criteria may be missing.
"""

from __future__ import annotations

import ast
import re

from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.layout import Link, Select, bare
from alchemove_codemods.rewrite.views import Refusal, Terminal
from alchemove_codemods.values import Element, Sql, State

_FORBIDDEN = frozenset(
    {
        "limit",
        "offset",
        "order_by",
        "group_by",
        "having",
        "distinct",
        "distinct_on",
        "join",
        "select_from",
        "set",
        "from_self",
        "from_statement",
        "select_entity_from",
        "add_columns",
        "dynamic",
    }
)


@rule(
    "update-delete",
    stage="select",
    on=("update", "delete"),
    reasons={
        "dml-with-clauses": "update() or delete() follows limit(), order_by(), distinct(), group_by() or join(), where the legacy code raises or ignores them.",
        "dml-of-columns": "update() or delete() of a query that does not select exactly one mapped class or table.",
        "dml-arguments": "update() or delete() is called with arguments that have no exact modern form.",
        "dml-synchronize": "The criteria have a custom operator, which cannot be evaluated in Python: without synchronize_session, 1.4 raises and 2.x falls back to 'fetch'. State synchronize_session.",
        "dml-of-variable": "update() or delete() of a query from elsewhere that may have no criteria. Build the statement where it is run.",
    },
)
def update_delete(end: Terminal) -> str | Refusal:
    """``session.execute(update(Entity)...)``."""
    state, chain = end.state, end.chain
    if _FORBIDDEN & state.may:
        return Refusal("dml-with-clauses")
    elements = state.elements
    if elements is None or len(elements) != 1 or elements[0].starred:
        return Refusal("dml-of-columns")
    entity_value, of_table = elements[0].value, _is_table(elements[0], state)
    if elements[0].kind != "entity" and not (of_table and chain.creation is not None):
        return Refusal("dml-of-columns")
    own = entity_value.owners if isinstance(entity_value, Sql) else {entity_value}
    if "filter_by" in state.may and state.criteria - own:
        return Refusal("dml-with-clauses")
    method = end.step.method
    if "custom_operator" in state.may and not _synchronizes(end):
        return Refusal("dml-synchronize")
    values = _values(end)
    if isinstance(values, Refusal):
        return values
    links, options, parameters = values
    if chain.creation is not None and chain.creation.arguments:
        entity = end.text(chain.creation.arguments[0])
        if chain.creation.of_instance:
            entity = f"type({entity})"
        elif chain.configures:
            entity = chain.through_mapper(entity)
        for step in chain.builders:
            if step.method == "with_entities" and isinstance(step.node, ast.Call) and step.node.args:
                entity = end.text(step.node.args[0])
        criteria = []
        for link in end.select.links:
            # What is missing here (loader options, autoflush, prefixes, ...) Query ignores for bulk statements.
            match link.origin:
                case "filter" | "where" | "filter_by" | "with_parent":
                    criteria.append(link)
                case "execution_options":
                    options.append(link)
                case "params":
                    parameters = _parameters(link)
        statement = Select(f"{end.name(method)}({entity})", tuple(criteria))
    else:
        name = end.name_of_entity(entity_value)
        if name is None or "where" not in state.must or {"params", "execution_options"} & state.may:
            return Refusal("dml-of-variable")
        statement = Select(f"{end.name(method)}({name})", (Link("where", f"({end.select.text}.whereclause)"),))
    joiner, added = end.tail_joiner, [*links, *options]
    if statement.stacked and added:
        # What stood before update() or delete() belongs to the first link that takes its place.
        statement = statement.plus(
            *(Link(link.name, link.arguments, bare(joiner) if i else joiner) for i, link in enumerate(added))
        )
        joiner = bare(joiner)
    else:
        statement = statement.plus(*(Link(link.name, link.arguments) for link in added))
    names = [] if end.statement_only else ["rowcount"]
    # A bulk statement of a table alone does not autoflush, neither from a Query nor by itself.
    session = chain.session(end.query) if of_table else None
    return end.running("execute", statement, names, parameters, joiner, session)


def _is_table(element: Element, state: State) -> bool:
    """Whether *element* is a table, and the criteria are its own: what is mapped would make the statement one of the ORM."""
    return isinstance(element.value, Sql) and element.value.kind == "table" and "orm" not in state.may


def _synchronizes(end: Terminal) -> bool:
    """Whether the call says how to synchronize the session."""
    return end.keyword("synchronize_session") is not None or len(end.positional) > (
        1 if end.step.method == "update" else 0
    )


def _around(end: Terminal, given: ast.expr) -> str:
    """*given* as the only argument, on lines of its own if it was."""
    source = end.file.module.source
    before = source.text[source.end(end.call.func) : source.start(given)]
    if not re.fullmatch(r"\(\s*\n\s*", before):
        return f"({end.text(given)})"
    closing = source.text[: source.end(end.call) - 1].rsplit("\n", 1)[-1]
    return f"{before}{end.text(given)},{source.newline}{closing})" if not closing.strip() else f"({end.text(given)})"


def _parameters(link: Link) -> str:
    inner = (link.arguments or "()")[1:-1]
    return f", {inner}" if inner.startswith("{") else f", dict({inner})"


def _values(end: Terminal) -> tuple[list[Link], list[Link], str] | Refusal:
    """The links for the values and options of the call."""
    links: list[Link] = []
    positional = list(end.positional)
    if any(isinstance(a, ast.Starred) for a in positional) or any(k.arg is None for k in end.call.keywords):
        return Refusal("dml-arguments")
    keywords = {k.arg: k.value for k in end.call.keywords}
    if end.step.method == "update":
        given = positional.pop(0) if positional else keywords.pop("values", None)
        if given is None:
            return Refusal("dml-arguments")
        ordered = keywords.pop("update_args", None)
        if ordered is not None:
            match ordered, given:
                case ast.Dict(
                    keys=[ast.Constant(value="preserve_parameter_order")], values=[ast.Constant(value=True)]
                ), ast.List(elts=pairs) | ast.Tuple(elts=pairs):
                    links.append(Link("ordered_values", "(" + ", ".join(end.text(p) for p in pairs) + ")"))
                case _:
                    return Refusal("dml-arguments")
        elif isinstance(given, (ast.List, ast.Tuple)):
            return Refusal("dml-arguments")
        else:
            links.append(Link("values", _around(end, given)))
    elif "delete_args" in keywords:
        return Refusal("dml-arguments")
    synchronize = positional.pop(0) if positional else keywords.pop("synchronize_session", None)
    if positional or keywords:
        return Refusal("dml-arguments")
    options = (
        [Link("execution_options", f"(synchronize_session={end.text(synchronize)})")] if synchronize is not None else []
    )
    return links, options, ""
