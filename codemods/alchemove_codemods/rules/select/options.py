"""options: the same on ``select()``; lists are unpacked, and columns named by text become attributes.

    .options([joinedload(User.addresses)])     ->  .options(joinedload(User.addresses))
    .options(loads)                            ->  .options(*loads)
    .options(defer("name"))                    ->  .options(defer(User.name))

Relationships named by text are refused: such options raise on 2.x. So is what may be one option or a list of them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from alchemove_codemods.analysis.names import LOADER_OPTIONS
from alchemove_codemods.facts import last_name
from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.layout import Link
from alchemove_codemods.rewrite.views import Builder, Refusal, Refused
from alchemove_codemods.values import Class, Instance, Plain, Sql, Value, parts


@rule(
    "options",
    stage="select",
    on=("options",),
    reasons={
        "string-options": "A loader option names an attribute by text that cannot be resolved here. Use the attribute itself.",
        "option-or-list": "It is not known whether this argument of options() is one option or a list of them, which select() does not take. Write *options for a list, or annotate the variable.",
    },
)
def options(call: Builder) -> list[Link] | Refusal:
    """Unpacks lists and resolves names."""
    if "enable_eagerloads" in call.before.may:
        return Refusal("eager-loading")  # a Query leaves out the ones that follow as well
    arguments = list(_flattened(call.positional))
    texts = [_option(call, a) for a in arguments]
    if arguments == call.positional and texts == [call.text(a) for a in arguments]:
        return [call.link("options")]
    return [call.link("options", "(" + ", ".join(texts) + ")")]


def _flattened(arguments: Iterable[ast.expr]) -> Iterator[ast.expr]:
    """*arguments* with what lists and tuples among them hold."""
    for argument in arguments:
        if isinstance(argument, (ast.List, ast.Tuple)):
            yield from _flattened(argument.elts)
        else:
            yield argument


def _is_list(call: Builder, node: ast.expr) -> bool:
    """Whether the argument *node* is a list of options; raises :exc:`Refused` if it may be one."""
    if isinstance(node, ast.GeneratorExp):
        return True
    if node not in call.positional or isinstance(node, ast.Starred):
        return False  # an item of a list
    found = {_lists(value) for value in parts(call.value(node))}
    if found in ({True}, {False}):
        return found == {True}
    raise Refused("option-or-list", ast.unparse(node))


def _lists(value: Value) -> bool | None:
    match value:
        case Plain(of=None, parts=None):
            return None
        case Plain():
            return True
        case Sql() | Instance():
            return False
    return None


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
        return f"*{call.text(node)}" if _is_list(call, node) else call.text(node)
    names = _names(node)
    function = last_name(node.func)
    nested = isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Call)
    if (
        function not in ("load_only", "defer", "undefer")
        or nested
        or len(names) != len(node.args)
        or any("." in n for n in names)
    ):
        raise Refused("string-options", ast.unparse(node))
    elements = call.before.elements or ()
    owner = _name(call, elements[0].value if elements else None)
    keywords = "".join(f", {k.arg}={call.text(k.value)}" for k in node.keywords)
    return f"{call.text(node.func)}({', '.join(f'{owner}.{n}' for n in names)}{keywords})"


def _name(call: Builder, entity: Value | None) -> str:
    """How the class is written whose attributes a text names: as the argument of ``query()``, or by its name."""
    creation, name = call.chain.creation, None
    if isinstance(entity, Class):
        first = creation.arguments[0] if creation is not None and creation.arguments else None
        own = isinstance(first, ast.Name) and "with_entities" not in call.before.may
        name = call.text(first) if first is not None and own else call.name_of_entity(entity)
    if name is None:
        raise Refused("string-options")
    return name
