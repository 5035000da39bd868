"""Whether a call can be a call of a function: what Python checks when it binds arguments."""

from __future__ import annotations

import ast

from alchemove_codemods.facts import FunctionFacts, last_name

_CLASS_NAMES = ("cls", "class", "klass", "type", "model", "base")


def fits(call: ast.Call, function: FunctionFacts) -> bool:
    """Whether *function* can be called as *call* calls it."""
    arguments = getattr(function.node, "args", None)
    if not isinstance(arguments, ast.arguments) or any(isinstance(a, ast.Starred) for a in call.args):
        return True
    given = {k.arg for k in call.keywords}
    if None in given:
        return True
    implicit = [1] if function.is_method else [0]
    if function.is_method and not function.decorated("classmethod") and _may_be_unbound(call):
        implicit.append(0)
    return any(_binds(arguments, len(call.args) + more, given) for more in implicit)


def _may_be_unbound(call: ast.Call) -> bool:
    """Whether *call* may pass ``self`` itself, as a call of a method on its class does."""
    if not call.args or not isinstance(call.args[0], (ast.Name, ast.Attribute)):
        return False
    name = last_name(call.func.value) if isinstance(call.func, ast.Attribute) else None
    return name is None or name[:1].isupper() or name.lower().endswith(_CLASS_NAMES)


def _binds(arguments: ast.arguments, positional: int, given: set[str | None]) -> bool:
    ordered = [*arguments.posonlyargs, *arguments.args]
    if positional > len(ordered) and arguments.vararg is None:
        return False
    named = {a.arg for a in (*arguments.args, *arguments.kwonlyargs)}
    if arguments.kwarg is None and given - named:
        return False
    if given & {a.arg for a in ordered[:positional]}:
        return False
    required = ordered[positional : len(ordered) - len(arguments.defaults)]
    required += [a for a, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if default is None]
    return all(a.arg in given for a in required)
