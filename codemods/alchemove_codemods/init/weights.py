"""How much of a program works on an engine: how often what hands out its sessions is named, in any file that is no test."""

from __future__ import annotations

import ast
from pathlib import PurePosixPath

from alchemove_codemods.analysis.injecting import injecting
from alchemove_codemods.facts import ModuleFacts, last_name
from alchemove_codemods.init import uses as using
from alchemove_codemods.init.candidates import Engine
from alchemove_codemods.init.uses import Uses
from alchemove_codemods.program import Program
from alchemove_codemods.test_files import is_test_file

_TESTS = frozenset({"test", "tests", "testing"})
# ``get_db`` of ``deps.py`` hands out what ``database.py`` makes; what lies further away says little.
_STEPS = 2


def weight(program: Program, module: ModuleFacts, engine: Engine, uses: Uses) -> tuple[int, int, int]:
    """How often FastAPI is given dependencies made of *engine* of *module*, how often other modules name what is, and how often that module itself does."""
    names = made_of(module, {engine.name})
    injected, named = _outside(program, module, names, uses, _STEPS)
    return injected + _injected(module, names), named, _mentions(module, names)


def made_of(module: ModuleFacts, names: set[str]) -> set[str]:
    """*names*, and the names of *module* whose statements mention them, or one another of these."""
    found = set(names)
    mentioned = {
        name: {
            last_name(n) or "" for b in bindings for n in ast.walk(b.node) if isinstance(n, (ast.Name, ast.Attribute))
        }
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


def _outside(program: Program, module: ModuleFacts, names: set[str], uses: Uses, steps: int) -> tuple[int, int]:
    """How often other modules inject and name what is made of *names* of *module*."""
    injected = found = 0
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
        injected += _injected(importer, taken | handed_on)
        if steps and handed_on:
            further = _outside(program, importer, handed_on, using.of(program, importer), steps - 1)
            injected, found = injected + further[0], found + further[1]
    return injected, found


def _injected(module: ModuleFacts, names: set[str]) -> int:
    """How often *module* has FastAPI inject what one of *names* gives: ``Depends(get_db)``."""
    calls = (call for call in module.source.of_kind(ast.Call) if injecting(call) is not None)
    return sum(last_name(given) in names for call in calls for given in call.args[:1])


def _mentions(module: ModuleFacts, names: set[str]) -> int:
    return sum(
        (isinstance(node, ast.Name) and node.id in names) or (isinstance(node, ast.Attribute) and node.attr in names)
        for node in module.source.nodes
    )
