"""filter and the other builders whose modern form differs in the name only.

    .filter(User.id == 1)         ->  .where(User.id == 1)
    .populate_existing()          ->  .execution_options(populate_existing=True)
    .autoflush(False)             ->  .execution_options(autoflush=False)
    .yield_per(100)               ->  .execution_options(yield_per=100)
    .with_labels()                ->  .set_label_style(LABEL_STYLE_TABLENAME_PLUS_COL)
    .add_column(c), .add_entity   ->  .add_columns(c)
    .with_entities(a, b)          ->  .with_only_columns(a, b)     query(User).with_entities(User.id) is select(User.id)
    .reset_joinpoint()            ->  dropped: what follows names its entity

Criteria after LIMIT or OFFSET are refused: the legacy code raises there. Criteria after a union name the alias of the union, which is
bound by ``:=``; they are refused where it cannot be told what they refer to.
"""

from __future__ import annotations

import ast
from dataclasses import replace

from alchemove_codemods.analysis.elements import is_orm
from alchemove_codemods.facts import last_name
from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.layout import Link, Select
from alchemove_codemods.rewrite.views import Builder, Refusal
from alchemove_codemods.values import Class, Entity, Sql, Value

_ORDER = {
    "criteria-after-limit": "A criterion follows limit(), offset() or slice(): Query raises there. Put the criterion first.",
    "criteria-after-set": "A criterion follows a union (intersect, except) or from_self(): it has to be written against the alias of the union, and what it refers to cannot be told (or it stands in another statement, a comprehension or a class body). Do it by hand.",
}


def refused_order(call: Builder) -> Refusal | None:
    """The refusal of a criterion that comes too late."""
    if {"limit", "offset"} & call.before.may:
        return Refusal("criteria-after-limit")
    if "from_statement" in call.before.may:
        return Refusal("criteria-after-set")
    if {"set", "from_self", "select_entity_from"} & call.before.may and (
        call.chain.wrapped is None or not call.chain.wrapped.follows(call.step)
    ):
        return Refusal("criteria-after-set")
    return None


@rule("filter", stage="select", on=("filter", "where"), reasons=_ORDER)
def filter_(call: Builder) -> list[Link] | Refusal:
    """``.filter(...)`` becomes ``.where(...)``."""
    return refused_order(call) or [call.link("where")]


@rule("group-by", stage="select", on=("group_by", "having"))
def group_by(call: Builder) -> list[Link] | Refusal:
    """The same on ``select()``, ``False`` resets."""
    assert isinstance(call.call.func, ast.Attribute)
    return refused_order(call) or [call.link(call.call.func.attr, _resetting(call))]


def _resetting(call: Builder) -> str | None:
    """``(None)`` for ``(False)``, which resets in Query and would be a literal in ``select()``."""
    match call.positional:
        case [ast.Constant(value=False)]:
            return "(None)"
    return None


@rule(
    "same-name",
    stage="select",
    on=(
        "limit",
        "offset",
        "with_for_update",
        "with_hint",
        "with_statement_hint",
        "prefix_with",
        "suffix_with",
        "execution_options",
        "correlate",
        "set_label_style",
        "slice",
    ),
)
def same_name(call: Builder) -> list[Link] | Refusal:
    """The method is the same on ``select()``."""
    if call.step.method == "execution_options" and call.keyword("compiled_cache") is not None:
        return Refusal("option-arguments", "compiled_cache")
    if call.step.method in ("limit", "offset", "slice") and "from_statement" in call.before.may:
        return Refusal("criteria-after-set")
    return [call.link(call.step.method)]


@rule("select-from", stage="select", on=("select_from",))
def select_from(call: Builder) -> list[Link] | Refusal:
    """The same on ``select()``."""
    return refused_order(call) or [call.link("select_from")]


@rule(
    "execution-option",
    stage="select",
    on=("populate_existing", "autoflush", "yield_per"),
    reasons={"option-arguments": "The method is called with other arguments than usual."},
)
def execution_option(call: Builder) -> list[Link] | Refusal:
    """Methods that are execution options of a statement."""
    match call.step.method, call.positional, call.call.keywords:
        case "populate_existing", [], []:
            return [call.link("execution_options", "(populate_existing=True)")]
        case ("autoflush" | "yield_per") as option, [value], []:
            return [call.link("execution_options", f"({option}={call.text(value)})")]
        case ("autoflush" | "yield_per") as option, [], [ast.keyword(arg=str(), value=value)]:
            return [call.link("execution_options", f"({option}={call.text(value)})")]
    return Refusal("option-arguments")


@rule("with-labels", stage="select", on=("with_labels", "apply_labels"))
def with_labels(call: Builder) -> list[Link]:
    """Labels as ``table_column``."""
    return [call.link("set_label_style", f"({call.name('LABEL_STYLE_TABLENAME_PLUS_COL')})")]


@rule("add-columns", stage="select", on=("add_columns", "add_column", "add_entity"))
def add_columns(call: Builder) -> list[Link] | Refusal:
    """``.add_columns(...)``."""
    if {"limit", "offset"} & call.before.may and call.step.method != "add_entity":
        return Refusal("criteria-after-limit")
    return refused_order(call) or [call.link("add_columns")]


@rule("with-entities", stage="select", on=("with_entities",))
def with_entities(call: Builder) -> list[Link] | Select | Refusal:
    """``.with_entities(...)`` becomes ``.with_only_columns(...)``, which also lets FROM follow the new columns.

    Directly behind ``query(User)`` it is what ``select()`` is given in the first place.
    """
    if {"set", "from_self", "from_statement"} & call.before.may:
        return Refusal("criteria-after-set")
    if _replaces_what_is_selected(call):
        return replace(call.so_far, head=call.name("select") + call.arguments)
    return [call.link("with_only_columns")]


def _replaces_what_is_selected(call: Builder) -> bool:
    """Whether nothing is left of the query before *call*, and the new columns alone make a statement of the ORM."""
    creation = call.chain.creation
    return (
        creation is not None
        and creation.kind in ("session-query", "model-query")
        and not call.chain.configures
        and not (call.so_far.links or call.so_far.opening or call.closing)
        and not call.step.as_is
        and "#" not in call.joiner
        and all(isinstance(a, (ast.Name, ast.Attribute)) for a in creation.arguments)
        and any(_is_of_the_orm(value) for value in call.step.values)
    )


def _is_of_the_orm(value: Value) -> bool:
    selected = isinstance(value, (Class, Entity)) or (isinstance(value, Sql) and value.kind == "column")
    return selected and is_orm(value)


@rule("dropped-builder", stage="select", on=("reset_joinpoint", "with_session"))
def dropped(call: Builder) -> list[Link]:
    """Builders that a statement has no need for."""
    return []


@rule(
    "enable-eagerloads",
    stage="select",
    on=("enable_eagerloads",),
    reasons={
        "eager-loading": "enable_eagerloads() is given something else than a literal False or True, or stands in one chain with loader options that are not all eager ones."
    },
)
def enable_eagerloads(call: Builder) -> list[Link] | Select | Refusal:
    """``enable_eagerloads(False)`` is ``options(lazyload("*"))``; the eager options of the chain go."""
    match call.positional:
        case [ast.Constant(value=True)]:
            return []
        case [ast.Constant(value=False)]:
            options = [s for s in call.chain.steps if s.method == "options"]
            if ("options" in call.before.may and not options) or not all(_all_eager(s.node) for s in options):
                return Refusal("eager-loading")
            if options and call.chain.steps.index(options[-1]) > call.chain.steps.index(call.step):
                return Refusal("eager-loading")
            lazyload = call.name("lazyload", "sqlalchemy.orm")
            kept = tuple(link for link in call.so_far.links if link.origin != "options")
            return replace(call.so_far, links=kept).plus(
                replace(call.link("options", f'({lazyload}("*"))'), origin="enable_eagerloads")
            )
    return Refusal("eager-loading")


def _all_eager(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and all(
        isinstance(a, ast.Call) and last_name(a.func) in ("joinedload", "selectinload", "subqueryload")
        for a in node.args
    )


@rule(
    "params",
    stage="select",
    on=("params",),
    reasons={
        "params-first": "params() is called where the statement is not run; on select() it binds only what is there already. Call it last."
    },
)
def params(call: Builder) -> list[Link] | Refusal:
    """The same on ``select()``, at the end of the statement."""
    if call.chain.terminal is None and call.chain.iteration is None:
        return Refusal("params-first")
    return [call.link("params")]


@rule(
    "from-statement",
    stage="select",
    on=("from_statement",),
    reasons={
        "text-statement": "from_statement() is given a plain string, which raises.",
        "core-from-statement": "select() of Core constructs alone has no from_statement(): execute the statement itself.",
    },
)
def from_statement(call: Builder) -> list[Link] | Refusal:
    """The same on ``select()``, which has it where it selects something of the ORM."""
    if len(call.positional) != 1 or isinstance(call.positional[0], (ast.Constant, ast.JoinedStr)):
        return Refusal("text-statement")
    if "orm" not in call.before.must:
        return Refusal("core-from-statement")
    return [call.link("from_statement")]


@rule(
    "unsupported-builder",
    stage="select",
    on=(
        "select_entity_from",
        "tuples",
        "only_return_tuples",
        "with_transformation",
        "with_lockmode",
        "enable_assertions",
        "lazyload",
        "values_",
        "correlate_except",
        "fetch",
    ),
    reasons={"unsupported-builder": "There is no form on select() that is the same in every case. Rewrite it by hand."},
)
def unsupported(call: Builder) -> Refusal:
    """Builders without an exact modern form."""
    return Refusal("unsupported-builder", call.step.method)
