"""Files that a program imports where SQLAlchemy may be missing: it is imported inside of their functions, or below ``try``.

An import of it above all functions would make what imports the file fail there, for people who never use this part of the program.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from alchemove_codemods.facts import Binding, ModuleFacts, last_name
from alchemove_codemods.program import Program
from alchemove_codemods.rewrite.import_places import ImportPlaces
from alchemove_codemods.test_files import is_test_file
from alchemove_codemods.trees import walk

_MISSING = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})


def works_without(program: Program, module: ModuleFacts) -> bool:
    """Whether *module* takes care to import SQLAlchemy late or carefully, and something imports it that does not need SQLAlchemy."""
    return _takes_care(module) and not _needs(program, module, set()) and _is_wanted_without(program, module)


def _takes_care(module: ModuleFacts) -> bool:
    """Whether *module* has an import of SQLAlchemy in a function, or one whose failure it goes on from."""
    parents, source = module.source.parents, module.source
    found: list[ast.stmt] = [n for n in source.of_kind(ast.ImportFrom) if not n.level and _is_alchemy(n.module or "")]
    found += [n for n in source.of_kind(ast.Import) if any(_is_alchemy(a.name) for a in n.names)]
    for statement in found:
        at: ast.AST | None = statement
        while at is not None and not isinstance(at, (ast.FunctionDef, ast.AsyncFunctionDef)):
            if (
                isinstance(at, ast.Try)
                and any(statement in walk(tried) for tried in at.body)
                and any(map(_goes_on, at.handlers))
            ):
                return True
            at = parents.get(at)
        if at is not None:
            return True
    return False


def _goes_on(handler: ast.ExceptHandler) -> bool:
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    missing = any(each is None or last_name(each) in _MISSING for each in caught)
    return missing and not any(isinstance(n, ast.Raise) for n in walk(handler))


def _is_alchemy(name: str) -> bool:
    top = name.split(".", maxsplit=1)[0]
    return "alchemy" in top or top in ("sqlmodel", "alembic")


def _needs(program: Program, module: ModuleFacts, seen: set[str]) -> bool:
    """Whether importing *module* imports SQLAlchemy for certain, itself or by way of others."""
    seen.add(module.path)
    for binding in _imports(program, module):
        if _is_alchemy(binding.module) and not binding.level:
            return True
        for path in _imported(program, module, binding):
            if path not in seen and (other := program.module(path)) is not None and _needs(program, other, seen):
                return True
    return False


def _imports(program: Program, module: ModuleFacts) -> Iterator[Binding]:
    """The imports that run, and may not fail, when *module* is imported."""
    places = ImportPlaces(module, program)
    run = set(places.running) - places.guarded
    bindings = [b for found in module.bindings.values() for b in found if b.kind == "import"]
    return (b for b in (*bindings, *module.stars) if b.node in run and not b.checking)


def _imported(program: Program, module: ModuleFacts, binding: Binding) -> set[str]:
    """The files that *binding* of *module* imports: what it names, and the packages around it."""
    name = program.absolute(binding, module)
    dot = "/" if name.startswith("/") else "."
    parts = name.split(dot)
    names = [dot.join(parts[: depth + 1]) for depth in range(len(parts))] + [f"{name}{dot}{binding.attribute}"]
    return {path for path in (program.locate(part, module.path) for part in names if part) if path is not None}


def _is_wanted_without(program: Program, module: ModuleFacts) -> bool:
    """Whether a file that does not need SQLAlchemy imports *module* wherever it is imported."""
    stem = module.path.removesuffix("/__init__.py").removesuffix(".py").rsplit("/", 1)[-1]
    for path in program.mentioning(stem.encode()):
        if path == module.path or is_test_file(path) or (other := program.module(path)) is None:
            continue
        if any(module.path in _imported(program, other, b) for b in _imports(program, other)):
            return not _needs(program, other, set())
    return False
