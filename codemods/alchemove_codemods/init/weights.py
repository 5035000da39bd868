"""How much of a program works on an engine: how often what hands out its sessions is named, in any file that is no test."""

from __future__ import annotations

import ast
from pathlib import PurePosixPath

from alchemove_codemods.facts import ModuleFacts
from alchemove_codemods.init import uses as using
from alchemove_codemods.init.candidates import Engine
from alchemove_codemods.init.uses import Uses
from alchemove_codemods.program import Program
from alchemove_codemods.test_files import is_test_file

_TESTS = frozenset({"test", "tests", "testing"})
# ``get_db`` of ``deps.py`` hands out what ``database.py`` makes; what lies further away says little.
_STEPS = 2


def weight(program: Program, module: ModuleFacts, engine: Engine, uses: Uses) -> tuple[int, int]:
    """How often other modules name what is made of *engine* of *module*, and how often that module itself does."""
    names = made_of(module, {engine.name})
    return _outside(program, module, names, uses, _STEPS), _mentions(module, names)


def made_of(module: ModuleFacts, names: set[str]) -> set[str]:
    """*names*, and the names of *module* whose statements mention them, or one another of these."""
    found = set(names)
    mentioned = {
        name: {n.id for b in bindings for n in ast.walk(b.node) if isinstance(n, ast.Name)}
        for name, bindings in module.bindings.items()
        if any(b.kind != "import" for b in bindings)
    }
    changed = True
    while changed:
        fresh = {name for name, those in mentioned.items() if name not in found and not found.isdisjoint(those)}
        found |= fresh
        changed = bool(fresh)
    return found


def is_for_tests(name: str) -> bool:
    """Whether *name* says that it is for tests: ``test_engine``, ``initial_test_data``."""
    return not _TESTS.isdisjoint(name.lower().split("_"))


def _outside(program: Program, module: ModuleFacts, names: set[str], uses: Uses, steps: int) -> int:
    found = 0
    by_file: dict[str, set[str]] = {}
    for name in names:
        for place in uses.names.get(name, ()):
            by_file.setdefault(place.path, set()).add(name)
    for path, taken in by_file.items():
        tests = is_test_file(path) or is_for_tests(PurePosixPath(path).stem)
        importer = program.module(path) if not tests and path != module.path else None
        if importer is None:
            continue
        found += 1 + _mentions(importer, taken)
        handed_on = made_of(importer, taken) - taken
        if steps and handed_on:
            found += _outside(program, importer, handed_on, using.of(program, importer), steps - 1)
    return found


def _mentions(module: ModuleFacts, names: set[str]) -> int:
    return sum(
        (isinstance(node, ast.Name) and node.id in names) or (isinstance(node, ast.Attribute) and node.attr in names)
        for node in module.source.nodes
    )
