"""What annotations promise about plain values."""

from __future__ import annotations

import ast

from alchemove_codemods.analysis.transactions.vocabulary import PLAIN_ANNOTATIONS
from alchemove_codemods.facts import last_name


def plain_annotation(node: ast.expr | None) -> bool:
    """Whether an annotation promises a value without objects in it: ``int``, ``Optional[str]``, ``List[int]``."""
    match node:
        case ast.Constant(value=None):
            return True
        case ast.Constant(value=str(text)):
            try:
                return plain_annotation(ast.parse(text, mode="eval").body)
            except SyntaxError:
                return False
        case ast.Name() | ast.Attribute():
            return last_name(node) in PLAIN_ANNOTATIONS
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return plain_annotation(left) and plain_annotation(right)
        case ast.Subscript(value=head, slice=inner) if last_name(head) in (
            "Optional", "Union", "List", "list", "Set", "set", "Dict", "dict", "Tuple", "tuple", "Sequence", "Iterable",
        ):  # fmt: skip
            items = inner.elts if isinstance(inner, ast.Tuple) else [inner]
            return all(plain_annotation(i) or (isinstance(i, ast.Constant) and i.value is ...) for i in items)
    return False
