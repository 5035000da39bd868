"""Tests that have ``unittest.mock`` replace a function: where that is a coroutine, they get a mock which can be awaited."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from alchemove_codemods.colours.generators import is_generator
from alchemove_codemods.facts import FunctionFacts, ModuleFacts, last_name

_SAID = frozenset({"return_value", "side_effect", "name"})
"""What a mock of either kind is told in the same way."""


def suits_coroutines(module: ModuleFacts, node: ast.Constant, family: Iterable[FunctionFacts]) -> bool:
    """Whether the text *node* in *module* has one of *family* replaced by a mock that would be awaited where that is a coroutine.

    ``patch("app.users.current_user", return_value=ada)`` and ``patch.object(users, "current_user")``: neither says by what.
    """
    call = module.source.parents.get(node)
    if not isinstance(call, ast.Call) or not {k.arg for k in call.keywords} <= _SAID:
        return False
    match call:
        case ast.Call(func=ast.Attribute(value=patch, attr="object"), args=[_, ast.Constant() as given]):
            named = last_name(patch) == "patch"
        case ast.Call(func=func, args=[ast.Constant() as given]):
            named = last_name(func) == "patch"
        case _:
            return False
    return named and given is node and not any(f.is_property or is_generator(f) for f in family)
