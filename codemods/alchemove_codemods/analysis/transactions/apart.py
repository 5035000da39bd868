"""Attributes that have nothing to do with a session, although the object that has them may hold one: loggers, compiled patterns, locks."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator

from alchemove_codemods.facts import ModuleFacts, last_name
from alchemove_codemods.program import Program
from alchemove_codemods.trees import walk


class Apart:
    """Answers for a whole program, by the name of the attribute."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._known: dict[str, bool] = {}

    def __call__(self, name: str) -> bool:
        """Whether every attribute *name* of the program's own objects is a logger, or made by the standard library."""
        if name not in self._known:
            self._known[name] = self._decide(name)
        return self._known[name]

    def _decide(self, name: str) -> bool:
        made = [
            _made_apart(module, value)
            for path in self._program.naming(name)
            for module in [self._program.module(path)]
            if module is not None
            for value in _given(module, name)
        ]
        return bool(made) and all(made)


def _given(module: ModuleFacts, name: str) -> Iterator[ast.expr | None]:
    """What the attributes *name* are given in *module*; None where that is no expression of its own."""
    for cls in module.classes.values():
        for binding in cls.members.get(name, ()):
            promised = getattr(binding.node, "returns", binding.annotation)
            if not _promises_logger(promised):
                yield binding.node if binding.kind == "value" and isinstance(binding.node, ast.expr) else None
    source = module.source
    for assigned in source.of_kind(ast.Assign):
        for target in assigned.targets:
            yield from _stored(target, name, assigned.value)
    for announced in source.of_kind(ast.AnnAssign):
        if announced.value is not None and not _promises_logger(announced.annotation):
            yield from _stored(announced.target, name, announced.value)
    others: list[ast.expr | None] = [
        *(changed.target for changed in source.of_kind(ast.AugAssign)),
        *(loop.target for loop in source.of_kind(ast.For)),
        *(entered.optional_vars for entered in source.of_kind(ast.withitem)),
    ]
    for other in others:
        if other is not None:
            yield from _stored(other, name, None)


def _stored(target: ast.expr, name: str, value: ast.expr | None) -> Iterator[ast.expr | None]:
    if isinstance(target, ast.Attribute):
        if target.attr == name:
            yield value
    elif not isinstance(target, ast.Name) and any(
        isinstance(n, ast.Attribute) and n.attr == name for n in walk(target)
    ):
        yield None


def _made_apart(module: ModuleFacts, value: ast.expr | None) -> bool:
    """Whether *value* is a logger, or a call of the standard library that is given nothing but constants."""
    match value:
        case ast.BoolOp(values=values):
            return all(_made_apart(module, v) for v in values)
        case ast.IfExp(body=body, orelse=orelse):
            return _made_apart(module, body) and _made_apart(module, orelse)
        case ast.Name(id=name):
            return _annotated_as_logger(module, name)
        case ast.Call(func=function, args=args, keywords=keywords):
            given = [*args, *(k.value for k in keywords)]
            return all(isinstance(a, (ast.Constant, ast.JoinedStr)) or _is_name(a, "__name__") for a in given) and (
                "logger" in (last_name(function) or "").lower() or _of_standard_library(module, function)
            )
    return False


def _annotated_as_logger(module: ModuleFacts, name: str) -> bool:
    """Whether every parameter *name* of the module is annotated as a ``Logger``."""
    found = [n.annotation for n in module.source.of_kind(ast.arg) if n.arg == name]
    return bool(found) and all(_promises_logger(a) for a in found)


def _promises_logger(annotation: ast.expr | None) -> bool:
    return annotation is not None and any(
        last_name(n) == "Logger" for n in walk(annotation) if isinstance(n, (ast.Name, ast.Attribute))
    )


def _is_name(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _of_standard_library(module: ModuleFacts, function: ast.expr) -> bool:
    root = function
    while isinstance(root, ast.Attribute):
        root = root.value
    bindings = module.bindings.get(root.id, []) if isinstance(root, ast.Name) else []
    return bool(bindings) and all(
        b.kind == "import" and not b.level and b.module.split(".")[0] in sys.stdlib_module_names for b in bindings
    )
