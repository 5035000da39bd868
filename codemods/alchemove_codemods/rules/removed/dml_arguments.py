"""dml-arguments: criteria and values as arguments of ``insert``, ``update`` and ``delete``.

    users.update(users.c.id == 1, values={"name": "x"})     ->  users.update().where(users.c.id == 1).values({"name": "x"})
    users.delete(users.c.id == 1)                           ->  users.delete().where(users.c.id == 1)
    users.insert({"name": "x"})                             ->  users.insert().values({"name": "x"})
    update(users, users.c.id == 1)                          ->  update(users).where(users.c.id == 1)
    users.select(users.c.id == 1)                           ->  users.select().where(users.c.id == 1)

A criterion of None meant that there is none, ``where()`` does not take it: what might be None is refused.
"""

from __future__ import annotations

import ast

from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.removed import Gone
from alchemove_codemods.rewrite.views import Refusal
from alchemove_codemods.rules.removed.select_list import expression
from alchemove_codemods.values import External

_ORDER = {
    "insert": ("values", "inline"),
    "update": ("whereclause", "values", "inline"),
    "delete": ("whereclause",),
    "select": ("whereclause",),
}


@rule(
    "dml-arguments",
    stage="select",
    reasons={
        "statement-arguments": "An argument of insert(), update() or delete() has no exact form here: the criterion may be None, or the keyword is gone. Write it as a method of the statement.",
        "table-not-proved": "This looks like the insert() of a table, but nothing proves that it is one. Write it as insert().values(...).",
    },
)
def dml_arguments(gone: Gone) -> Refusal | None:
    """Arguments become methods of the statement."""
    call, method = gone.call, gone.method
    if method not in _ORDER:
        # The function goes by another name here (an alias of the import).
        return Refusal("statement-arguments")
    is_function = isinstance(call.func, ast.Name) or not _of_table(gone)
    positional = list(call.args)
    table = positional.pop(0) if is_function and positional else None
    given: dict[str, ast.expr] = {**dict(zip(_ORDER[method], positional)), **gone.keywords}
    if is_function and "table" in given:
        table = given.pop("table")
    if len(positional) > len(_ORDER[method]):
        return Refusal("statement-arguments")
    links: list[tuple[str, ast.expr | None]] = []
    for name, node in given.items():
        match name, node:
            case (("whereclause" | "values"), ast.Constant(value=None)):
                pass
            case "inline", ast.Constant(value=bool() as inline):
                links += [("inline", None)] if inline else []
            case "whereclause", _ if expression(gone, node):
                links.append(("where", node))
            case "values", _ if isinstance(node, (ast.Dict, ast.List)):
                links.append(("values", node))
            case _:
                return Refusal("statement-arguments", name)

    def render() -> str:
        head = gone.text(table) if table is not None else ""
        return f"({head})" + "".join(f".{link}({gone.text(node) if node is not None else ''})" for link, node in links)

    gone.arguments(render)
    return None


def _of_table(gone: Gone) -> bool:
    """Whether this is the method of a table, not the function of a module (``sa.update(table, ...)``)."""
    function = gone.call.func
    if not isinstance(function, ast.Attribute):
        return False
    return not isinstance(gone.file.knowledge.settled.get(function), External)
