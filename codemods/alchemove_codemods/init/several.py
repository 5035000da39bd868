"""Which of several engines of one module the application works on, where the others are only for its tests."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from alchemove_codemods.facts import ModuleFacts
from alchemove_codemods.init.candidates import Engine
from alchemove_codemods.init.uses import Uses
from alchemove_codemods.test_files import is_test_file


def main_engine(module: ModuleFacts, engines: Iterable[Engine], uses: Uses) -> Engine | None:
    """The one of *engines* that somebody takes from *module* who is no test, as it is or as what is made of it.

    None if that is true of several or of none, or if it is not known who takes what (``from database import *``).
    """
    if uses.stars:
        return None
    found = {engine.name: engine for engine in engines if _serves(module, engine.name, uses)}
    return next(iter(found.values())) if len(found) == 1 else None


def _serves(module: ModuleFacts, engine: str, uses: Uses) -> bool:
    return any(not is_test_file(place.path) for name in _made_of(module, engine) for place in uses.names.get(name, ()))


def _made_of(module: ModuleFacts, engine: str) -> set[str]:
    """*engine*, and the names of *module* whose statements mention it, or one another of them."""
    found = {engine}
    named = {
        name: {n.id for b in bindings for n in ast.walk(b.node) if isinstance(n, ast.Name)}
        for name, bindings in module.bindings.items()
        if any(b.kind != "import" for b in bindings)
    }
    changed = True
    while changed:
        fresh = {name for name, mentioned in named.items() if name not in found and not found.isdisjoint(mentioned)}
        found |= fresh
        changed = bool(fresh)
    return found
