"""What a test tells a mock that stands in for a mapped class to give for a chain of calls on its ``query``.

``user.query.filter_by.return_value.first.return_value = None``, ``user.query.get.assert_called_with(1)``, ``db.query().filter().all.side_effect = OSError``:
no query has such attributes, whatever the mock is called and wherever the test has put it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from alchemove_codemods.analysis.names import QUERY_METHODS
from alchemove_codemods.facts import ModuleFacts

TOLD = frozenset({"return_value", "side_effect"})
"""What a test gives to a mock."""
_ASKED = frozenset({"call_args", "call_args_list", "call_count", "called", "mock_calls"})
_ASSERTED = ("assert_called", "assert_any_call", "assert_has_calls", "assert_not_called")


def mocked_chains(module: ModuleFacts) -> Iterator[ast.expr]:
    """Each ``query`` of *module* that is the one of a mock: a method of its queries is told what to give, or asked how it was called."""
    found: dict[ast.expr, None] = {}
    for node in module.source.of_kind(ast.Attribute):
        if node.attr in TOLD or node.attr in _ASKED or node.attr.startswith(_ASSERTED):
            query = _query_of(node.value)
            if query is not None:
                found[query] = None
    yield from found


def _query_of(node: ast.expr) -> ast.expr | None:
    """The ``query`` that the method *node* of a query begins with: ``user.query`` of ``user.query.filter_by.return_value.first``."""
    last = ""
    while True:
        match node:
            case ast.Attribute(attr="query"):
                return node if last in QUERY_METHODS else None
            case ast.Attribute(value=value, attr=name) if name in QUERY_METHODS or name in TOLD:
                node, last = value, name
            case ast.Call(func=ast.Attribute() as function):
                node = function
            case _:
                return None
