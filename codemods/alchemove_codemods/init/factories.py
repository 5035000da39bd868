"""The options of the session factories of a module that stays as it is, so that the sessions of the session module get the same."""

from __future__ import annotations

import ast

from alchemove_codemods.facts import ModuleFacts
from alchemove_codemods.init.forms import says_nothing
from alchemove_codemods.init.names import is_orm, outside
from alchemove_codemods.program import Program


def factory_options(program: Program, module: ModuleFacts, engine: str | None = None) -> tuple[ast.keyword, ...]:
    """What every ``sessionmaker(...)`` of *module* is given, wherever in it, except for what it is bound to; none where they differ.

    With *engine*, factories that are bound to another name do not count. Only constants and classes that are imported: what
    else stands in a function cannot be written outside of it.
    """
    found = [
        sorted((k for k in call.keywords if k.arg != "bind" and not says_nothing(k)), key=lambda k: k.arg or "")
        for call in ast.walk(module.source.tree)
        if isinstance(call, ast.Call) and is_orm(outside(program, module, call.func), "sessionmaker")
        if engine is None or _bound_to(call) in (None, engine)
    ]
    if not found or len({tuple(map(ast.dump, options)) for options in found}) > 1:
        return ()
    return tuple(k for k in found[0] if isinstance(k.value, ast.Constant) or k.arg == "class_")


def _bound_to(call: ast.Call) -> str | None:
    """The global that the factory *call* makes is bound to, None if that is no name."""
    match [*call.args, *(k.value for k in call.keywords if k.arg == "bind")]:
        case [ast.Name(id=name), *_]:
            return name
    return None
