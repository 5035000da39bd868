"""The calls that have FastAPI fill a parameter: ``db: Session = Depends(get_db)``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from alchemove_codemods.facts import ModuleFacts, last_name
from alchemove_codemods.program import Program

_INJECTING = frozenset({"Depends", "Security"})


def injecting(node: ast.AST | None) -> ast.Call | None:
    """*node* if it is a ``Depends(...)``."""
    if isinstance(node, ast.Call) and last_name(node.func) in _INJECTING:
        return node
    return None


def injecting_modules(program: Program) -> Iterator[ModuleFacts]:
    """The modules that have such calls."""
    return filter(None, map(program.module, program.mentioning(*(name.encode() for name in sorted(_INJECTING)))))
