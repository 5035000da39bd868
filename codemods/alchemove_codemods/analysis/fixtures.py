"""The pytest fixtures of a program: which function stands behind the name of a parameter."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator

from alchemove_codemods.facts import FunctionFacts, ModuleFacts
from alchemove_codemods.program import Program

_WORDS = (b"fixture", b"pytest_plugins", b"import")


def fixtures_named(program: Program, path: str, name: str) -> Iterator[FunctionFacts]:
    """The fixtures that a test in the file *path* can mean by *name*, nearest first.

    They stand in the file itself or in the ``conftest.py`` files above it, in what these import, or in the plugins that they name.
    """
    for module in _modules(program, path):
        own = _fixtures(module).get(name)
        yield from own if own is not None else _imported(program, module, name)
    for plugin in _plugins(program, path):
        yield from _fixtures(plugin).get(name, ())


def _imported(program: Program, module: ModuleFacts, name: str) -> Iterator[FunctionFacts]:
    """The fixtures that *module* has under *name* by an import."""
    origin = program.origin(module, name)
    home = program.module(origin[0]) if origin is not None and origin[0] in program.raw else None
    if home is not None and home is not module and origin is not None:
        yield from (f for f in _fixtures(home).get(name, ()) if f.name == origin[1])


@functools.lru_cache(maxsize=1 << 14)
def _plugins(program: Program, path: str) -> tuple[ModuleFacts, ...]:
    """The files that ``pytest_plugins`` names for *path*."""
    names = [
        (constant.value, module.path)
        for module in _modules(program, path)
        for binding in module.bindings.get("pytest_plugins", ())
        for constant in ast.walk(binding.node)
        if isinstance(constant, ast.Constant) and isinstance(constant.value, str)
    ]
    found = [program.find_module(name, importer) for name, importer in names]
    return tuple(module for p in found if p is not None and (module := program.module(p)) is not None)


@functools.lru_cache(maxsize=1 << 14)
def _modules(program: Program, path: str) -> tuple[ModuleFacts, ...]:
    """The files that may define fixtures for *path*."""
    folders = path.split("/")[:-1]
    candidates = [path, *("/".join([*folders[:n], "conftest.py"]) for n in range(len(folders), -1, -1))]
    mentioned = [c for c in candidates if c in program.raw and any(word in program.raw[c] for word in _WORDS)]
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
