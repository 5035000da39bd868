"""Factories that get their engine after they are made: ``SessionLocal.configure(bind=engine)``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from alchemove_codemods.analysis.places import function_around
from alchemove_codemods.analysis.transactions.names import Origin, origin
from alchemove_codemods.facts import FunctionFacts, last_name
from alchemove_codemods.program import Program


def bound_later(program: Program, factory: Origin) -> tuple[FunctionFacts, ast.expr] | None:
    """What the program binds the global *factory* to, and the function that does so; None unless it is done once, and nothing else with it."""
    match list(_configured(program, factory)):
        case [(function, ast.Call(args=[], keywords=[ast.keyword(arg="bind", value=bind)]))]:
            return function, bind
    return None


def _configured(program: Program, factory: Origin) -> Iterator[tuple[FunctionFacts, ast.Call]]:
    """The calls of ``configure`` of what is, or may be, *factory*."""
    for module in filter(None, map(program.module, program.mentioning(b".configure("))):
        for call in module.source.of_kind(ast.Call):
            match call.func:
                case ast.Attribute(value=configured, attr="configure"):
                    function = function_around(module, call)
                    found = origin(program, function, configured)
                    if found == factory or (found is None and last_name(configured) == factory[1]):
                        yield function, call
