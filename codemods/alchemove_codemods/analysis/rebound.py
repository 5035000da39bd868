"""Which variables of a function may be something else later."""

from __future__ import annotations

import ast
import functools
from collections import Counter

from alchemove_codemods.trees import walk


def rebound(function: ast.AST, name: str) -> bool:
    """Whether the variable *name* of *function* is assigned more than once (a parameter counts as once)."""
    return _bindings_in(function)[name] > 1


def is_assigned(function: ast.AST, name: str) -> bool:
    """Whether *function* has a parameter or an assignment of *name*: a function that is defined by it does not count."""
    return _bindings_in(function)[name] > 0


@functools.lru_cache(maxsize=1 << 17)
def _bindings_in(function: ast.AST) -> Counter[str]:
    """How often *function* binds each name."""
    found: Counter[str] = Counter()
    for node in walk(function):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found[node.id] += 1
        elif isinstance(node, ast.arg):
            found[node.arg] += 1
    return found
