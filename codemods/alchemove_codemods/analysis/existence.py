"""``exists().where(...)`` written out as an argument: it can be built from the inside, which keeps what it says.

On SQLAlchemy 2.0 a ``select()`` of ``exists().where(User.id == 1)`` does not know that there is anything of the ORM in it, and does not autoflush;
one of ``select(literal_column("*")).where(User.id == 1).exists()``, which is the same SQL, does.
"""

from __future__ import annotations

import ast

from alchemove_codemods.facts import last_name
from alchemove_codemods.frozen import dataclass

_STEPS = frozenset({"where", "select_from", "correlate", "correlate_except"})


@dataclass(frozen=True, slots=True)
class Existence:
    """The call ``exists()`` and the ``steps`` called on it, in their order."""

    base: ast.Call
    steps: tuple[ast.Call, ...]


def existence(node: ast.AST) -> Existence | None:
    """*node* as ``exists()`` without arguments and the steps called on it, at least one of them; None if it is something else."""
    steps: list[ast.Call] = []
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _STEPS:
        steps.append(node)
        node = node.func.value
    if not steps or not isinstance(node, ast.Call) or node.args or node.keywords or last_name(node.func) != "exists":
        return None
    return Existence(node, tuple(reversed(steps)))


def joined(node: ast.expr) -> list[ast.expr] | None:
    """The criteria of an ``and_(...)`` that is written out, None if *node* is something else."""
    match node:
        case ast.Call(args=[_, *_] as criteria, keywords=[]) if last_name(node.func) == "and_":
            return None if any(isinstance(c, ast.Starred) for c in criteria) else criteria
    return None
