"""The pytest fixtures of a program: which function stands behind the name of a parameter."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator

from alchemove_codemods.facts import FunctionFacts, ModuleFacts
from alchemove_codemods.program import Program


def fixtures_named(program: Program, path: str, name: str) -> Iterator[FunctionFacts]:
    """The fixtures that a test in the file *path* can mean by *name*, nearest first.

    They stand in the file itself or in the ``conftest.py`` files above it.
    """
    for module in _modules(program, path):
        yield from _fixtures(module).get(name, ())


@functools.lru_cache(maxsize=1 << 14)
def _modules(program: Program, path: str) -> tuple[ModuleFacts, ...]:
    """The files that may define fixtures for *path*."""
    folders = path.split("/")[:-1]
    candidates = [path, *("/".join([*folders[:n], "conftest.py"]) for n in range(len(folders), -1, -1))]
    mentioned = [c for c in candidates if c in program.raw and b"fixture" in program.raw[c]]
    return tuple(module for module in map(program.module, mentioned) if module is not None)


@functools.lru_cache(maxsize=1 << 14)
def _fixtures(module: ModuleFacts) -> dict[str, list[FunctionFacts]]:
    """The fixtures that *module* and its classes define, by name."""
    found: dict[str, list[FunctionFacts]] = {}
    for function in module.functions.values():
        if function.decorated("fixture", "yield_fixture"):
            found.setdefault(_name(function), []).append(function)
    return found


def _name(function: FunctionFacts) -> str:
    for decorator in function.decorators:
        if isinstance(decorator, ast.Call):
            for keyword in decorator.keywords:
                if keyword.arg == "name" and isinstance(keyword.value, ast.Constant):
                    return str(keyword.value.value)
    return function.name
