"""Decorators of the program around a function that is given a session: what they do with it when the function has ended."""

from __future__ import annotations

import ast

from alchemove_codemods.analysis.transactions.names import origin
from alchemove_codemods.facts import FunctionFacts
from alchemove_codemods.program import Program
from alchemove_codemods.trees import walk


def closed_by_decorator(program: Program, function: FunctionFacts) -> str:
    """Where a decorator of *function* that the program defines closes something: it may be the session that it hands on. Empty if none does.

    A commit or rollback there changes nothing for whoever opened the session: a block that drops what is not committed
    drops nothing then.
    """
    outside = function.outer or function.module.body
    for decorator in getattr(function.node, "decorator_list", ()):
        named = decorator.func if isinstance(decorator, ast.Call) else decorator
        found = origin(program, outside, named)
        module = program.module(found[0]) if found is not None and found[0] in program.raw else None
        if module is None or found is None:
            continue
        for binding in module.bindings.get(found[1], ()):
            for node in walk(binding.node):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "close":
                    return f"{module.path}:{node.lineno}, in a decorator"
    return ""
