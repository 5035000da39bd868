"""What tests call to put something else in the place of a name."""

from __future__ import annotations

import ast

from alchemove_codemods.facts import last_name
from alchemove_codemods.program import Program

PATCHING = frozenset({"patch", "setattr", "object", "delattr", "multiple"})


def is_patched(program: Program, name: str) -> bool:
    """Whether something called *name*, wherever it is, may be replaced: ``patch("app.database.SessionLocal")``, ``patch.object(database, "engine")``."""
    for path in program.naming(name):
        module = program.module(path) if b"patch" in program.raw[path] else None
        for call in module.source.of_kind(ast.Call) if module is not None else ():
            given = [*call.args, *(k.value for k in call.keywords)] if last_name(call.func) in PATCHING else []
            texts = (a.value for a in given if isinstance(a, ast.Constant) and isinstance(a.value, str))
            if any(text.rpartition(".")[2] == name for text in texts):
                return True
    return False
