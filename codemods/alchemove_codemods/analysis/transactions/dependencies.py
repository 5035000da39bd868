"""The functions that FastAPI calls for each request, since a ``Depends`` names them."""

from __future__ import annotations

import ast

from alchemove_codemods.analysis.transactions.names import Origin, origin
from alchemove_codemods.facts import last_name
from alchemove_codemods.program import Program
from alchemove_codemods.trees import walk


def dependencies(program: Program) -> frozenset[Origin]:
    """The functions of modules that ``Depends(...)`` or ``Security(...)`` is given anywhere in the program."""
    found: set[Origin] = set()
    for path in program.mentioning(b"Depends(", b"Security("):
        module = program.module(path)
        if module is None:
            continue
        for node in walk(module.source.tree):
            match node:
                case ast.Call(func=function, args=[ast.Name() | ast.Attribute() as given, *_]) if last_name(
                    function
                ) in (
                    "Depends",
                    "Security",
                ):
                    where = origin(program, module.body, given)
                    if where is not None:
                        found.add(where)
    return frozenset(found)
