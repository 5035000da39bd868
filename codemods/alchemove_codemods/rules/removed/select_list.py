"""select-list: ``select([...])`` and the keywords that stood for clauses.

    select([User.id, User.name])                          ->  select(User.id, User.name)
    select(columns)                                       ->  select(*columns)               where columns is a list
    select([t.c.id], t.c.id > 2, order_by=[t.c.id])       ->  select(t.c.id).where(t.c.id > 2).order_by(t.c.id)
    stmt.with_only_columns([t.c.id])                      ->  stmt.with_only_columns(t.c.id)

A keyword that is None meant that there is no such clause, the methods do not take None: a value that might be None is refused.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.removed import Gone
from alchemove_codemods.rewrite.views import Refusal, Refused
from alchemove_codemods.values import Class, Plain, Sql, parts

_ORDER = ("columns", "whereclause", "from_obj", "distinct", "group_by", "having", "correlate", "prefixes", "suffixes")
_METHODS = {
    "whereclause": "where",
    "from_obj": "select_from",
    "having": "having",
    "group_by": "group_by",
    "order_by": "order_by",
    "prefixes": "prefix_with",
    "suffixes": "suffix_with",
}


@rule(
    "select-list",
    stage="select",
    on=("select-list",),
    reasons={
        "select-keywords": "A keyword of the old select() has no exact form here: it may be None, is not known to be an expression, or is gone (bind, for_update). Write it as a method of the statement.",
        "select-text": "The old select() is given columns as plain text. Use text() or literal_column().",
        "removed-layout": "A comment or parentheses stand between the arguments, and would be lost. Move them, or rewrite by hand.",
        "removed-arguments": "The call has * or ** arguments, so what it is given cannot be told.",
    },
)
def select_list(gone: Gone) -> Refusal | None:
    """Positional columns, and clauses as methods."""
    call = gone.call
    first = call.args[0] if call.args else None
    if isinstance(first, (ast.List, ast.Tuple)) and any(isinstance(e, ast.Constant) for e in first.elts):
        return Refusal("select-text")
    if len(call.args) == 1 and not call.keywords and first is not None:
        if isinstance(first, ast.List):
            gone.unpack(first)
        elif isinstance(first, ast.GeneratorExp) and gone.start(call.args[0]) < gone.end(call.func) + 1:
            return Refusal("removed-layout")
        else:
            _star(gone, first)
        return None
    given: dict[str, ast.expr] = {**dict(zip(_ORDER, call.args)), **gone.keywords}
    columns = given.pop("columns", None)
    links = [link for name, node in given.items() for link in _links(gone, name, node)]
    style = f".set_label_style({gone.name('LABEL_STYLE_TABLENAME_PLUS_COL')})" if "use_labels" in given else ""

    def render() -> str:
        head = (
            ""
            if columns is None
            else _items(gone, columns)
            if isinstance(columns, (ast.List, ast.Tuple))
            else f"*{_operand(gone, columns)}"
        )
        return f"({head})" + "".join(f".{method}({arguments()})" for method, arguments in links) + style

    gone.arguments(render)
    return None


def _star(gone: Gone, node: ast.expr) -> None:
    """``select(*columns)``; an operator needs no parentheses behind a star, a conditional does neither."""
    gone.insert(gone.start(node), "*")


def _operand(gone: Gone, node: ast.expr) -> str:
    return gone.text(node)


def _items(gone: Gone, node: ast.List | ast.Tuple) -> str:
    return ", ".join(gone.text(e) for e in node.elts)


def _links(gone: Gone, name: str, node: ast.expr) -> list[tuple[str, Callable[[], str]]]:
    """The method calls that the keyword *name* becomes."""
    match name, node:
        case (
            ("whereclause" | "from_obj" | "having" | "group_by" | "prefixes" | "suffixes" | "bind" | "for_update"),
            ast.Constant(value=None),
        ):
            return []
        case (("limit" | "offset"), _):
            return [(name, lambda: gone.text(node))]
        case (("distinct" | "use_labels" | "for_update"), ast.Constant(value=False)):
            return []
        case "use_labels", ast.Constant(value=True):
            return []
        case "distinct", ast.Constant(value=True):
            return [("distinct", lambda: "")]
        case "correlate", ast.Constant(value=bool() as correlate):
            return [] if correlate else [("correlate", lambda: "None")]
        case (("from_obj" | "group_by" | "order_by" | "prefixes" | "suffixes"), (ast.List() | ast.Tuple()) as items):
            return [(_METHODS[name], lambda: _items(gone, items))] if items.elts else []
        case (("whereclause" | "from_obj" | "having" | "group_by" | "order_by"), _) if expression(gone, node):
            return [(_METHODS[name], lambda: gone.text(node))]
    raise Refused("select-keywords", name)


def expression(gone: Gone, node: ast.expr) -> bool:
    """Whether *node* is certainly an expression, neither None nor a list."""
    value = gone.value(node)
    if all(isinstance(v, (Sql, Class)) for v in parts(value)):
        return True
    match node:
        case ast.Compare(ops=[operator, *_]):
            return not isinstance(operator, (ast.Is, ast.IsNot, ast.In, ast.NotIn))
        case ast.BinOp():
            return not isinstance(value, Plain)
    return False
