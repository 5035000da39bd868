"""Openers that tests put something else in the place of, by their name: code that no longer has the name would not be reached."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from alchemove_codemods.analysis.transactions.names import enclosing, module_at
from alchemove_codemods.analysis.transactions.patching import PATCHING
from alchemove_codemods.analysis.transactions.scopes import Opening
from alchemove_codemods.analysis.transactions.sites import calls
from alchemove_codemods.facts import ModuleFacts, last_name
from alchemove_codemods.program import Program


@dataclass(frozen=True, slots=True)
class Patch:
    """A place that replaces a name: ``path`` is the file that has it, or ``owner`` the end of its dotted name; neither where it is not known."""

    where: str
    path: str = ""
    owner: str = ""

    def reaches(self, path: str) -> bool:
        """Whether the name may be replaced in the file *path*."""
        if self.path:
            return self.path == path
        dotted = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        return not self.owner or dotted == self.owner or dotted.endswith(f".{self.owner}")


class Patched:
    """The names that are replaced from outside."""

    def __init__(self, program: Program) -> None:
        self._patches: dict[str, list[Patch]] = {}
        for path in program.mentioning(b"patch"):
            module = program.module(path)
            if module is not None:
                self._find(program, module)

    def _find(self, program: Program, module: ModuleFacts) -> None:
        for call, function in calls(program, module):
            if last_name(call.func) not in PATCHING:
                continue
            where = f"{module.path}:{call.lineno}"
            match call.args:
                case [ast.Constant(value=str(text)), *_] if "." in text:
                    owner, _, name = text.rpartition(".")
                    self._patches.setdefault(name, []).append(Patch(where, owner=owner))
                case [target, ast.Constant(value=str(name)), *_]:
                    found = module_at(program, function, target)
                    self._patches.setdefault(name, []).append(Patch(where, path=found.path if found else ""))

    def of(self, name: str, path: str) -> str:
        """Where *name* of the file *path* is replaced; empty if it is not."""
        return next((p.where for p in self._patches.get(name, ()) if p.reaches(path)), "")

    def replaced(self, opening: Opening) -> str:
        """What replaces the name of *opening* in its file, and where; empty if nothing does."""
        name = last_name(opening.factory) or ""
        own, home = opening.function.module.path, opening.opener.home[0]
        # A name that is read where the code runs is that of the module that has it.
        late = isinstance(opening.factory, ast.Attribute) or enclosing(opening.function, name) is not None
        for patch in self._patches.get(name, ()):
            if patch.reaches(own) or (late and patch.reaches(home)):
                return f"{name} in {patch.where}"
        return ""
