"""get: ``Session.get``.

    query(User).get(1)                              ->  session.get(User, 1)
    query(User).options(joinedload(...)).get(1)     ->  session.get(User, 1, options=[joinedload(...)])
    query(User).populate_existing().get(1)          ->  session.get(User, 1, populate_existing=True)
    query(User).with_for_update().get(1)            ->  session.get(User, 1, with_for_update=True)

Refused after criteria, with several entities and with an alias: the legacy code raises there.
"""

from __future__ import annotations

import ast

from alchemove_codemods.analysis.records import Step
from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.text_options import attributes_of
from alchemove_codemods.rewrite.views import Refusal, Terminal
from alchemove_codemods.values import SOME_CLASS, Entity, Value

_ALLOWED = frozenset(
    {
        "options",
        "populate_existing",
        "with_for_update",
        "execution_options",
        "autoflush",
        "with_entities",
        "enable_eagerloads",
        "with_session",
    }
)


@rule(
    "get",
    stage="select",
    reasons={
        "get-with-criteria": "get() follows criteria, or selects something else than one mapped class: Query raises there.",
        "get-of-variable": "get() is called on a query from elsewhere. Call session.get(Model, key) directly.",
    },
)
def get(end: Terminal) -> str | Refusal:
    """``session.get(Entity, key, ...)``."""
    if len(end.positional) + len(end.call.keywords) != 1 or isinstance(
        end.positional[0] if end.positional else None, ast.Starred
    ):
        return Refusal("get-with-criteria")
    arguments = get_arguments(end)
    if isinstance(arguments, Refusal):
        return arguments
    return f"{end.session}.get({arguments})"


def _is_alias(end: Terminal, value: Value) -> bool:
    """Whether *value* is an alias, and not a class of which only so much is known."""
    return isinstance(value, Entity) and value != SOME_CLASS and value not in end.file.knowledge.choices


def get_arguments(end: Terminal) -> str | Refusal:
    """``Entity, key, options=...`` for the functions that get by primary key."""
    elements = end.state.elements
    if elements is None or any(e.kind == "unknown" for e in elements):
        return Refusal("unknown-elements")
    if len(elements) != 1 or elements[0].kind != "entity" or elements[0].starred or _is_alias(end, elements[0].value):
        return Refusal("get-with-criteria")
    if end.chain.creation is None or not end.chain.creation.arguments:
        return Refusal("get-of-variable")
    if not end.state.may - {"eager", "dup", "unproved-session", "orm", "several-sessions", "order_by_text"} <= _ALLOWED:
        return Refusal("get-with-criteria")
    entity = end.text(end.chain.creation.arguments[0])
    if end.chain.creation.of_instance:
        entity = f"type({entity})"
    extra: dict[str, str] = {}
    for step in end.chain.builders:
        more = _extra(end, step)
        if more is None:
            return Refusal("get-with-criteria")
        if step.method == "with_entities":
            assert isinstance(step.node, ast.Call)
            entity = end.text(step.node.args[0])
        for name, text in more.items():
            # Options add up over several calls, of anything else the last call counts.
            adds = name in extra and name in ("options", "execution_options")
            extra[name] = f"{extra[name][:-1]}, {text[1:]}" if adds else text
    key = end.positional[0] if end.positional else end.keyword("ident") or end.call.keywords[0].value
    return ", ".join([entity, end.text(key), *(f"{name}={text}" for name, text in extra.items())])


def _extra(end: Terminal, step: Step) -> dict[str, str] | None:
    """The arguments of ``Session.get`` that a builder becomes, None if there are none."""
    assert isinstance(step.node, ast.Call)
    call = step.node
    match step.method:
        case "options":
            nodes = (
                call.args[0].elts
                if len(call.args) == 1 and isinstance(call.args[0], (ast.List, ast.Tuple))
                else call.args
            )
            texts = [attributes_of(end, step.before.state, n) or end.text(n) for n in nodes]
            return {"options": f"[{', '.join(texts)}]"} if texts else {}
        case "populate_existing":
            return {"populate_existing": "True"}
        case "with_for_update":
            if not call.args and not call.keywords:
                return {"with_for_update": "True"}
            if call.args:
                return None
            return {"with_for_update": "{" + ", ".join(f'"{k.arg}": {end.text(k.value)}' for k in call.keywords) + "}"}
        case "execution_options":
            if call.args or any(k.arg is None for k in call.keywords):
                return None
            return (
                {"execution_options": "{" + ", ".join(f'"{k.arg}": {end.text(k.value)}' for k in call.keywords) + "}"}
                if call.keywords
                else {}
            )
        case "autoflush" | "with_entities" | "with_session":
            # Query.get() ignores autoflush().
            return {}
    return None
