"""The ``order_by`` of a relationship, as it can be written where the relationship is read."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from alchemove_codemods.analysis.declared import Attribute
from alchemove_codemods.analysis.names import ORM_PACKAGES
from alchemove_codemods.facts import ClassFacts, last_name
from alchemove_codemods.values import Class, External

if TYPE_CHECKING:
    from alchemove_codemods.rewrite.views import Created

_WAYS = ("asc", "desc")


def mapped_order(made: Created, found: Attribute, node: ast.expr) -> str | None:
    """The ORDER BY *node* of *found*: ``Post.id`` or ``Post.id.desc()`` of classes with a name here, None if it cannot be written."""
    text = isinstance(node, ast.Constant) and isinstance(node.value, str)
    try:
        parsed = ast.parse(node.value if text else ast.unparse(node), mode="eval").body  # type: ignore[attr-defined]
        criteria = parsed.elts if isinstance(parsed, (ast.List, ast.Tuple)) else [parsed]
        orders = [_Order(made, found, text) for _ in criteria]
        written = [ast.unparse(order.visit(criterion)) for order, criterion in zip(orders, criteria)]
    except (SyntaxError, _Unknown):
        return None
    return ", ".join(written) if orders and all(o.named and w.isascii() for o, w in zip(orders, written)) else None


class _Unknown(Exception):
    """A name that means nothing here."""


class _Order(ast.NodeTransformer):
    """Puts names of this place for those of the mapping, which are those of its class body and module, or of the registry."""

    def __init__(self, made: Created, found: Attribute, text: bool) -> None:
        self._made, self._found, self._text = made, found, text
        # A backref is written in the class it leads to.
        self._body: ClassFacts = found.target if found.by_backref and found.target is not None else found.owner
        self.named = False

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """``desc(column)`` is ``column.desc()``, which needs no import."""
        match node:
            case ast.Call(func=function, args=[column], keywords=[]) if (way := self._way(function)) is not None:
                return ast.Call(ast.Attribute(self.visit(column), way, ast.Load()), [], [])
        return self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        """The class *node*, or the column of the class body with that name, as it is written here."""
        cls, column = self._made.models.by_name(node.id, self._found.owner), None
        if not self._text and self._is_column(node.id):
            cls, column = self._body, node.id
        local = self._made.name_of_entity(Class(cls)) if cls is not None else None
        if local is None or self._made.chain.hidden(local.split(".", 1)[0]):
            raise _Unknown
        self.named = True
        return ast.parse(f"{local}.{column}" if column else local, mode="eval").body

    def _way(self, function: ast.expr) -> str | None:
        """``desc`` if *function* is that of SQLAlchemy: in a text it always is, unless a class is called so."""
        if self._text:
            named = isinstance(function, ast.Name) and self._made.models.by_name(function.id, self._found.owner) is None
            known = last_name(function) if named else None
        else:
            value = self._made.file.knowledge.static(self._body.module, function)
            known = value.last if isinstance(value, External) and value.top in ORM_PACKAGES else None
        return known if known in _WAYS else None

    def _is_column(self, name: str) -> bool:
        """Whether the class body has bound *name* to a column where the relationship is written."""
        own = self._made.models.own(self._body).get(name)
        if own is None or own.kind != "column":
            return False
        (*before, binding) = self._body.members[name]
        line, here = (getattr(node, "lineno", None) for node in (binding.node, self._found.node))
        return not before and line is not None and here is not None and line < here
