"""Tests that have ``unittest.mock`` replace a function: where that is a coroutine, they get a mock which can be awaited."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from alchemove_codemods.colours.generators import is_generator
from alchemove_codemods.facts import FunctionFacts, ModuleFacts, last_name

_SAID = frozenset({"return_value", "side_effect", "name"})
"""What a mock of either kind is told in the same way."""
_ASKED = frozenset(
    {
        *("assert_any_call", "assert_called", "assert_called_once", "assert_called_once_with", "assert_called_with", "assert_has_calls"),
        *("assert_not_called", "call_args", "call_args_list", "call_count", "called", "mock_calls", "reset_mock", "return_value", "side_effect"),
    }
)  # fmt: skip
"""What a mock of either kind has, and no function."""


def suits_coroutines(module: ModuleFacts, node: ast.Constant, family: Iterable[FunctionFacts]) -> bool:
    """Whether the text *node* in *module* has one of *family* replaced by a mock that would be awaited where that is a coroutine.

    ``patch("app.users.current_user", return_value=ada)`` and ``patch.object(users, "current_user", autospec=True)``: neither says by what.
    """
    call = module.source.parents.get(node)
    if not isinstance(call, ast.Call) or not all(map(_suits, call.keywords)):
        return False
    match call:
        case ast.Call(func=ast.Attribute(value=patch, attr="object"), args=[_, ast.Constant() as given]):
            named = last_name(patch) == "patch"
        case ast.Call(func=func, args=[ast.Constant() as given]):
            named = last_name(func) == "patch"
        case _:
            return False
    return named and given is node and not any(f.is_property or is_generator(f) for f in family)


def _suits(keyword: ast.keyword) -> bool:
    """Whether *keyword* lets :mod:`unittest.mock` choose the kind of mock by what it replaces."""
    match keyword:
        case ast.keyword(arg="autospec", value=ast.Constant(value=True)):
            return True
    return keyword.arg in _SAID


def asks_a_mock(module: ModuleFacts, node: ast.Attribute) -> bool:
    """Whether *node* of *module* names a function to say or ask something of the mock that stands there: ``users.first.assert_called_once()``."""
    parent = module.source.parents.get(node)
    return isinstance(parent, ast.Attribute) and parent.attr in _ASKED
