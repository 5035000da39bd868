"""The arguments of a call, and to which parameter of the program's functions it goes."""

from __future__ import annotations

import ast
from typing import NamedTuple

from alchemove_codemods.facts import FunctionFacts
from alchemove_codemods.values import Class, Plain, Value, queries_in


class Argument(NamedTuple):
    """One argument of a call; a named tuple, since that is made twice as fast and every call of the program makes some."""

    node: ast.expr
    value: Value
    name: str | None = None
    starred: bool = False


def _after_star(arguments: list[Argument], argument: Argument) -> bool:
    return any(a.starred and a.name is None for a in arguments[: arguments.index(argument)])


def bind(function: FunctionFacts, receiver: Value | None, arguments: list[Argument]) -> dict[str, Argument] | None:
    """Which parameter gets which argument; None if that cannot be told (``*args``, ``**kwargs``)."""
    node = function.node
    declared = getattr(node, "args", None)
    if not isinstance(declared, ast.arguments):
        return None
    positional = [a.arg for a in [*declared.posonlyargs, *declared.args]]
    if function.is_method and receiver is not None:
        by_class = isinstance(receiver, Class) and not function.decorated("classmethod")
        if not by_class or function.name in ("__init__", "__new__"):
            positional = positional[1:]
    names = {*positional, *(a.arg for a in declared.kwonlyargs)}
    bound: dict[str, Argument] = {}
    if any(a.starred for a in arguments):
        if any(
            queries_in(a.value) and (a.starred or (a.name is None and _after_star(arguments, a))) for a in arguments
        ):
            return None
        starred = next(i for i, a in enumerate(arguments) if a.starred)
        if all(a.name is not None or a.starred for a in arguments[starred:]) and all(
            a.name is None for a in arguments[:starred]
        ):
            # What stands before *args and **kwargs is bound all the same.
            first = bind(function, receiver, list(arguments[:starred])) or {}
            return {**first, **(bind(function, None, [a for a in arguments[starred:] if a.name is not None]) or {})}
        arguments = [a for a in arguments if not a.starred]
        if any(a.name is None for a in arguments):
            arguments = [a for a in arguments if a.name is not None]
    index = 0
    for argument in arguments:
        if argument.name is None:
            if index >= len(positional):
                continue
            bound[positional[index]] = argument
            index += 1
        elif argument.name in names:
            bound[argument.name] = argument
    return bound


def literal(arguments: list[Argument]) -> str | None:
    """The text of the first argument, if it is given as a literal."""
    value = arguments[0].value if arguments else None
    return value.literal if isinstance(value, Plain) and isinstance(value.literal, str) else None
