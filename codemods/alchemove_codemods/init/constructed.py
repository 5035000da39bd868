"""Sessions that a module without a factory constructs itself: ``Session(engine)``, of SQLAlchemy or of SQLModel."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from alchemove_codemods.facts import ModuleFacts
from alchemove_codemods.init.candidates import Engine
from alchemove_codemods.init.forms import says_nothing
from alchemove_codemods.init.importing import Imported
from alchemove_codemods.init.names import is_orm, outside
from alchemove_codemods.program import Program

SQLMODEL_SESSION = Imported("sqlmodel", "Session")
_CLASSES = ("sqlalchemy.orm.Session", "sqlmodel.Session")


def has_factory(program: Program, module: ModuleFacts) -> bool:
    """Whether *module* makes a session factory."""
    return any(is_orm(outside(program, module, each.func), "sessionmaker", "scoped_session") for each in _calls(module))


def is_sqlmodel(program: Program, module: ModuleFacts, engine: Engine) -> bool:
    """Whether the sessions of *engine* are SQLModel's, which have ``exec()``."""
    if has_factory(program, module):
        return False
    if "Session" in module.bindings:
        return (outside(program, module, ast.Name("Session", ast.Load())) or "").startswith("sqlmodel.")
    return (outside(program, module, engine.call.func) or "").startswith("sqlmodel.")


def constructed_options(program: Program, module: ModuleFacts, engine: str) -> tuple[ast.keyword, ...]:
    """What every session on the global *engine* that *module* constructs is given; none where they differ.

    Only constants: what else stands in a function cannot be written outside of it.
    """
    if has_factory(program, module):
        return ()
    found = [options for call in _calls(module) if (options := _options(program, module, call, engine)) is not None]
    if not found or len({tuple(map(ast.dump, options)) for options in found}) > 1:
        return ()
    return found[0]


def _options(program: Program, module: ModuleFacts, call: ast.Call, engine: str) -> tuple[ast.keyword, ...] | None:
    """The options of *call*, if it constructs a session on *engine*."""
    if outside(program, module, call.func) not in _CLASSES:
        return None
    bound = [*call.args, *(k.value for k in call.keywords if k.arg == "bind")]
    match bound:
        case [ast.Name(id=name)] if name == engine:
            options = (k for k in call.keywords if k.arg != "bind" and not says_nothing(k))
            return tuple(sorted((k for k in options if isinstance(k.value, ast.Constant)), key=lambda k: k.arg or ""))
    return None


def _calls(module: ModuleFacts) -> Iterator[ast.Call]:
    return (each for each in ast.walk(module.source.tree) if isinstance(each, ast.Call))
