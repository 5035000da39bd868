"""join and outerjoin: the same on ``select()``; the forms that 2.0 removed are written out.

    .join(Address), .join(User.addresses), .join(Address, on)     the same
    .join(User.orders, Order.items)         ->  .join(User.orders).join(Order.items)
    .join("addresses")                      ->  .join(User.addresses)
    .join((Address, on), (Parcel, on))      ->  .join(Address, on).join(Parcel, on)

``aliased=True`` and ``from_joinpoint=True`` are refused: what follows them has to name the alias. Tuples raise on 2.x: they are written out
where the project allows SQLAlchemy 1.x only (``SQLAlchemy<2``), and stay elsewhere.
"""

from __future__ import annotations

import ast

from alchemove_codemods.pinned import only_below
from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.layout import Link, bare
from alchemove_codemods.rewrite.views import Builder, Refusal
from alchemove_codemods.rules.select.builders import refused_order
from alchemove_codemods.values import Class, Entity, Plain, Sql, Value

_KNOWN = frozenset({"isouter", "full", "onclause"})


@rule(
    "join",
    stage="select",
    on=("join", "outerjoin"),
    reasons={
        "join-arguments": "join() is called in a form that 2.0 removed (tuples, aliased=True, from_joinpoint=True, text that names no known relationship): write it with a target and an ON clause.",
    },
)
def join(call: Builder) -> list[Link] | Refusal:
    """One link for every join."""
    refusal = refused_order(call)
    if refusal:
        return refusal
    method, arguments = call.step.method, call.positional
    tuples = [a for a in arguments if isinstance(a, ast.Tuple)]
    if any(k.arg not in _KNOWN for k in call.call.keywords) or any(isinstance(a, ast.Starred) for a in arguments):
        return Refusal("join-arguments")
    if tuples and not (len(tuples) == len(arguments) and all(_can_be_written_out(call, each) for each in tuples)):
        return Refusal("join-arguments")
    keywords = "".join(f", {k.arg}={call.text(k.value)}" for k in call.call.keywords)
    if tuples:
        texts = [", ".join(call.text(part) for part in each.elts) for each in tuples]
    elif arguments and isinstance(arguments[0], ast.Constant):
        named = _named(call, arguments)
        if named is None:
            return Refusal("join-arguments")
        texts = named
    elif len(arguments) == 2 and isinstance(arguments[1], ast.Constant):
        owner = _owner_text(call)
        if owner is None or not isinstance(arguments[1].value, str):
            return Refusal("join-arguments")
        texts = [f"{call.text(arguments[0])}, {owner}.{arguments[1].value}"]
    elif len(arguments) > 1 and all(_is_relationship(call.value(a)) for a in arguments):
        texts = [call.text(a) for a in arguments]
    elif len(arguments) > 2:
        return Refusal("join-arguments")
    else:
        return [call.link(method)]
    first = call.link(method, f"({texts[0]}{keywords})")
    joiner = bare(first.joiner)
    return [first, *(Link(method, f"({text}{keywords})", joiner) for text in texts[1:])]


def _can_be_written_out(call: Builder, pair: ast.Tuple) -> bool:
    """Whether *pair* is a target and its ON clause, in a project whose Query takes such tuples."""
    if len(pair.elts) != 2 or not only_below(call.file.knowledge.sqlalchemy, (2, 0)):
        return False
    value = call.value(pair)
    if not isinstance(value, Plain) or value.parts is None or any(k.arg == "onclause" for k in call.call.keywords):
        return False
    target, criterion = value.parts
    return _is_target(target) and isinstance(criterion, Sql)


def _is_target(value: Value) -> bool:
    return isinstance(value, (Class, Entity)) or (isinstance(value, Sql) and value.kind in ("table", "select"))


def _is_relationship(value: Value) -> bool:
    return isinstance(value, Sql) and value.kind == "relationship"


def _owner_text(call: Builder) -> str | None:
    """The entity whose relationship a text names: the first one."""
    elements = call.before.elements or ()
    if call.before.last is not None or not elements or not isinstance(elements[0].value, Class):
        return None
    if call.chain.creation is not None and call.chain.creation.arguments:
        return call.text(call.chain.creation.arguments[0])
    return call.name_of_entity(elements[0].value)


def _named(call: Builder, arguments: list[ast.expr]) -> list[str] | None:
    """``"orders", "items"`` as ``User.orders``, ``Order.items``."""
    elements = call.before.elements or ()
    owner = _owner_text(call)
    cls = elements[0].value.facts if elements and isinstance(elements[0].value, Class) else None
    texts = []
    names = [
        part
        for a in arguments
        if isinstance(a, ast.Constant) and isinstance(a.value, str)
        for part in a.value.split(".")
    ]
    if not all(isinstance(a, ast.Constant) and isinstance(a.value, str) for a in arguments):
        return None
    for name in names:
        if owner is None or cls is None:
            return None
        found = call.models.attribute(cls, name)
        if found is None or found.kind != "relationship":
            return None
        texts.append(f"{owner}.{name}")
        cls = found.target
        owner = call.name_of_entity(Class(cls)) if cls is not None else None
    return texts
