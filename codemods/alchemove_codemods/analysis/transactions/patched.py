"""Openers that tests put something else in the place of, by their name: code that no longer has the name would not be reached."""

from __future__ import annotations

import ast

from alchemove_codemods.analysis.transactions.scopes import Opening
from alchemove_codemods.facts import last_name
from alchemove_codemods.program import Program
from alchemove_codemods.trees import walk

_PATCHING = frozenset({"patch", "setattr", "object", "delattr", "multiple"})


class Patched:
    """The names that are replaced from outside, with the end of the module's dotted name where that is known."""

    def __init__(self, program: Program) -> None:
        self._names: dict[str, set[str]] = {}
        for path in program.mentioning(b"patch"):
            module = program.module(path)
            for node in walk(module.source.tree) if module is not None else ():
                match node:
                    case ast.Call(func=function, args=[ast.Constant(value=str(text)), *_]) if (
                        last_name(function) in _PATCHING and "." in text
                    ):
                        owner, _, name = text.rpartition(".")
                        self._names.setdefault(name, set()).add(owner)
                    case ast.Call(func=function, args=[_, ast.Constant(value=str(name)), *_]) if (
                        last_name(function) in _PATCHING
                    ):
                        self._names.setdefault(name, set()).add("")

    def replaced(self, opening: Opening) -> str:
        """The name of *opening* if something replaces it in that file, else empty."""
        name = last_name(opening.factory) or ""
        owners = self._names.get(name, set())
        dotted = opening.function.module.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        home = opening.opener.home[0].removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        hit = any(
            not owner or dotted.endswith(owner) or (isinstance(opening.factory, ast.Attribute) and home.endswith(owner))
            for owner in owners
        )
        return name if hit else ""
