"""What a call passes as one parameter."""

from __future__ import annotations

import ast
from typing import Literal

from alchemove_codemods.facts import FunctionFacts


def passed(function: FunctionFacts, name: str, node: ast.expr) -> ast.expr | Literal["default", "unknown"]:
    """The expression that the call (or the reading of a property) *node* passes to *function* as its parameter *name*.

    Returns:
        The expression; ``default`` if the call leaves it out and the default is ``None`` or ``()``; otherwise ``unknown``.
    """
    arguments = getattr(function.node, "args", None)
    if not isinstance(arguments, ast.arguments):
        return "unknown"
    positional = [*arguments.posonlyargs, *arguments.args]
    names = [a.arg for a in positional]
    if isinstance(node, ast.Attribute):
        return node.value if names and names[0] == name else "unknown"
    if not isinstance(node, ast.Call):
        return "unknown"
    bound = function.is_method and function.name != "__init__"
    if bound and names and names[0] == name:
        return node.func.value if isinstance(node.func, ast.Attribute) else "unknown"
    offset = 1 if function.is_method else 0
    for keyword in node.keywords:
        if keyword.arg == name:
            return keyword.value
    starred = next((at for at, a in enumerate(node.args) if isinstance(a, ast.Starred)), len(node.args))
    if name in names and names.index(name) - offset < starred:
        at = names.index(name) - offset
        return node.args[at] if at >= 0 else "unknown"
    if starred < len(node.args) or any(k.arg is None for k in node.keywords):
        return "unknown"
    defaults = dict(zip(reversed(names), reversed(arguments.defaults)))
    defaults.update({a.arg: d for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults) if d is not None})
    default = defaults.get(name)
    nothing = (isinstance(default, ast.Constant) and default.value is None) or (
        isinstance(default, ast.Tuple) and not default.elts
    )
    return "default" if nothing else "unknown"
