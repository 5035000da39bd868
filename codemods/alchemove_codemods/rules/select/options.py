"""options: the same on ``select()``; lists are unpacked, and names given as text become attributes.

    .options([joinedload(User.addresses)])     ->  .options(joinedload(User.addresses))
    .options(joinedload("addresses"))          ->  .options(joinedload(User.addresses))
    .options(joinedload("orders.items"))       ->  .options(defaultload(User.orders).joinedload(Order.items))
"""

from __future__ import annotations

import ast

from alchemove_codemods.analysis.names import LOADER_OPTIONS
from alchemove_codemods.facts import ClassFacts, last_name
from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.layout import Link
from alchemove_codemods.rewrite.views import Builder, Refusal, Refused
from alchemove_codemods.values import Class


@rule("options", stage="select", on=("options",), reasons={"string-options": "A loader option names an attribute by text that cannot be resolved here. Use the attribute itself."})
def options(call: Builder) -> list[Link] | Refusal:
    """Unpacks lists and resolves names."""
    arguments = call.positional
    if len(arguments) == 1 and isinstance(arguments[0], (ast.List, ast.Tuple)):
        arguments = arguments[0].elts
    elif not any(_has_text(a) for a in arguments):
        return [call.link("options")]
    return [call.link("options", "(" + ", ".join(_option(call, a) for a in arguments) + ")")]


def _has_text(node: ast.expr) -> bool:
    return any(isinstance(n, ast.Call) and _is_option(n) and _names(n) for n in ast.walk(node))


def _is_option(node: ast.Call) -> bool:
    return last_name(node.func) in LOADER_OPTIONS


def _names(node: ast.Call) -> list[str]:
    """The attributes that a loader option names by text; ``"*"`` is no name."""
    if last_name(node.func) in ("undefer_group", "with_expression"):
        return []
    return [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str) and a.value != "*"]


def _option(call: Builder, node: ast.expr) -> str:
    if not isinstance(node, ast.Call) or not _has_text(node):
        return call.text(node)
    text, _ = _resolved(call, node)
    return text


def _resolved(call: Builder, node: ast.Call) -> tuple[str, ClassFacts | None]:
    """The option with attributes for names, and the class that its path has led to."""
    outer: ClassFacts | None
    if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Call) and _is_option(node.func.value):
        before, outer = _resolved(call, node.func.value)
        prefix = f"{before}."
    else:
        elements = call.before.elements or ()
        first = elements[0].value if elements else None
        outer = first.facts if isinstance(first, Class) else None
        prefix = ""
        if isinstance(node.func, ast.Attribute) and not _is_module(node.func):
            raise Refused("string-options")
    names = _names(node)
    function = last_name(node.func) or ""
    if not names:
        target = None
        if len(node.args) == 1 and isinstance(node.args[0], ast.Attribute) and outer is not None:
            found = call.models.attribute(outer, node.args[0].attr)
            target = found.target if found is not None else None
        arguments = ", ".join(call.text(a) for a in [*node.args, *node.keywords])
        return (f"{prefix}{function}({arguments})" if prefix else call.text(node)), target
    if function in ("load_only", "defer", "undefer") and all("." not in n for n in names):
        owner = _name(call, outer)
        return f"{prefix}{function}({', '.join(f'{owner}.{n}' for n in names)})", outer
    if len(names) != 1 or len(node.args) != 1:
        raise Refused("string-options")
    path = names[0].split(".")
    text, cls = prefix, outer
    for index, part in enumerate(path):
        owner = _name(call, cls)
        found = call.models.attribute(cls, part) if cls is not None else None
        last = index == len(path) - 1
        if found is None:
            raise Refused("string-options", part)
        keywords = "".join(f", {k.arg}={call.text(k.value)}" for k in node.keywords) if last else ""
        if last:
            written = call.text(node.func) if not prefix and index == 0 else function
        else:
            written = call.name("defaultload", "sqlalchemy.orm") if not text else "defaultload"
        text += f"{written}({owner}.{part}{keywords})" + ("" if last else ".")
        cls = found.target
    return text, cls


def _is_module(node: ast.Attribute) -> bool:
    return isinstance(node.value, (ast.Name, ast.Attribute)) and last_name(node.value) in ("orm", "sa", "sqlalchemy", "db", "sqlorm", "saorm")


def _name(call: Builder, cls: ClassFacts | None) -> str:
    if cls is None:
        raise Refused("string-options")
    name = call.name_of_entity(Class(cls))
    if name is None:
        raise Refused("string-options", cls.name)
    return name
