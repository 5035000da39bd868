"""Context variables: what sets one in a thread is seen by nobody else, what sets one on the event loop by all that follows in the request."""

from __future__ import annotations

import ast

from alchemove_codemods.trees import walk

_SETTING = frozenset({"set", "bind_contextvars", "set_tag", "set_user"})
"""Methods of context variables, structlog and Sentry by which a request is known to what comes later."""


def may_set_a_context(node: ast.AST) -> bool:
    """Whether something in *node* may set a context variable."""
    called = (n.func for n in walk(node) if isinstance(n, ast.Call))
    return any(isinstance(c, ast.Attribute) and c.attr in _SETTING for c in called)
