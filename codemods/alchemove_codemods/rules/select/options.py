"""options: the same on ``select()``; lists are unpacked, and columns named by text become attributes.

    .options([joinedload(User.addresses)])     ->  .options(joinedload(User.addresses))
    .options(loads)                            ->  .options(*loads)
    .options(defer("name"))                    ->  .options(defer(User.name))
    .options(joinedload("addresses"))          ->  .options(joinedload(User.addresses))
    .options(joinedload("orders.items"))       ->  .options(defaultload(User.orders).joinedload(Order.items))

Relationships named by text are resolved where the project allows SQLAlchemy 1.x only (in its lock file, requirements, pyproject.toml, setup.py or
setup.cfg: ``SQLAlchemy<2``); elsewhere they are refused, since such options raise on 2.x. So is what may be one option or a list of them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.layout import Link
from alchemove_codemods.rewrite.text_options import attributes_of
from alchemove_codemods.rewrite.views import Builder, Refusal, Refused
from alchemove_codemods.values import Instance, Plain, Sql, Value, parts


@rule(
    "options",
    stage="select",
    on=("options",),
    reasons={
        "string-options": "A loader option names an attribute by text that cannot be resolved here, or raises: SQLAlchemy 2.0 has no such options. Use the attribute itself; where the application runs on 1.x, pin it (SQLAlchemy<2), and known names are written out.",
        "option-or-list": "It is not known whether this argument of options() is one option or a list of them, which select() does not take. Write *options for a list, or annotate the variable.",
    },
)
def options(call: Builder) -> list[Link] | Refusal:
    """Unpacks lists and resolves names."""
    if "enable_eagerloads" in call.before.may:
        return Refusal("eager-loading")  # a Query leaves out the ones that follow as well
    arguments = list(_flattened(call.positional))
    texts = [
        attributes_of(call, call.before, a) or (f"*{call.text(a)}" if _is_list(call, a) else call.text(a))
        for a in arguments
    ]
    if arguments != call.positional or any(isinstance(a, ast.GeneratorExp) for a in arguments):
        return [call.link("options", "(" + ", ".join(texts) + ")")]
    if texts == [call.text(a) for a in arguments]:
        return [call.link("options")]
    return [call.link("options", _in_place(call, texts))]


def _in_place(call: Builder, texts: list[str]) -> str:
    """The arguments as they stand, on their lines, with *texts* in their places."""
    source, edits = call.file.module.source, call.file.edits
    at, pieces = source.end(call.call.func), []
    for node, text in zip(call.positional, texts):
        pieces += [edits.segment(at, source.start(node)), text]
        at = source.end(node)
    return "".join([*pieces, edits.segment(at, source.end(call.call))])


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
