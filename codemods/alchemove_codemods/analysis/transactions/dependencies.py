"""The functions that FastAPI calls for each request, since a ``Depends`` names them."""

from __future__ import annotations

import ast

from alchemove_codemods.analysis.injecting import injecting, injecting_modules
from alchemove_codemods.analysis.transactions.names import Origin, origin
from alchemove_codemods.program import Program


def dependencies(program: Program) -> frozenset[Origin]:
    """The functions of modules that ``Depends(...)`` or ``Security(...)`` is given anywhere in the program."""
    found: set[Origin] = set()
    for module in injecting_modules(program):
        for node in module.source.of_kind(ast.Call):
            match injecting(node):
                case ast.Call(args=[ast.Name() | ast.Attribute() as given, *_]):
                    where = origin(program, module.body, given)
                    if where is not None:
                        found.add(where)
    return frozenset(found)
