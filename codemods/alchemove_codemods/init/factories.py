"""The options of the session factories of a module that stays as it is, or of other modules, so that the sessions of the session module get the same."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from alchemove_codemods.facts import ModuleFacts
from alchemove_codemods.init.forms import says_nothing
from alchemove_codemods.init.names import is_orm, outside
from alchemove_codemods.program import Program
from alchemove_codemods.test_files import is_test_file


def factory_options(program: Program, module: ModuleFacts, engine: str | None = None) -> tuple[ast.keyword, ...]:
    """What every ``sessionmaker(...)`` of *module* is given, wherever in it, except for what it is bound to; none where they differ.

    With *engine*, factories that are bound to another name do not count, and those of async sessions never do. Only constants and classes that are imported: what
    else stands in a function cannot be written outside of it.
    """
    found = [
        sorted((k for k in call.keywords if k.arg != "bind" and not says_nothing(k)), key=lambda k: k.arg or "")
        for call in ast.walk(module.source.tree)
        if isinstance(call, ast.Call) and is_orm(outside(program, module, call.func), "sessionmaker")
        if not _is_asynchronous(program, module, call)
        if engine is None or _bound_to(call) in (None, engine)
    ]
    if not found or len({tuple(map(ast.dump, options)) for options in found}) > 1:
        return ()
    return tuple(k for k in found[0] if isinstance(k.value, ast.Constant) or k.arg == "class_")


def options_elsewhere(program: Program, module: ModuleFacts, engine: str) -> tuple[ast.keyword, ...]:
    """What every ``SessionLocal = sessionmaker(bind=engine)`` of other modules is given that import *engine* of *module*; none where they differ.

    Only constants: what else stands there is not known in another module. Tests do not count.
    """
    found = [
        sorted((k for k in call.keywords if k.arg != "bind" and not says_nothing(k)), key=lambda k: k.arg or "")
        for path in program.mentioning(b"sessionmaker")
        if path != module.path and not is_test_file(path) and (other := program.module(path)) is not None
        for call in _made_at_the_top(program, other)
        if any(program.origin_of(other, n) == (module.path, engine) for n in _binds(call))
    ]
    if not found or len({tuple(map(ast.dump, options)) for options in found}) > 1:
        return ()
    return tuple(found[0]) if all(isinstance(k.value, ast.Constant) and k.arg for k in found[0]) else ()


def _made_at_the_top(program: Program, module: ModuleFacts) -> Iterator[ast.Call]:
    """The ``sessionmaker(...)`` that globals of *module* hold."""
    for statement in module.source.tree.body:
        match statement:
            case ast.Assign(value=ast.Call() as call) | ast.AnnAssign(value=ast.Call() as call):
                # ``scoped_session(sessionmaker(...))`` holds one as well.
                for each in (call, *(a for a in call.args if isinstance(a, ast.Call))):
                    if is_orm(outside(program, module, each.func), "sessionmaker"):
                        yield each


def _is_asynchronous(program: Program, module: ModuleFacts, call: ast.Call) -> bool:
    """Whether the factory *call* makes gives an AsyncSession, of SQLAlchemy or of SQLModel."""
    classes = [outside(program, module, k.value) or "" for k in call.keywords if k.arg == "class_"]
    return any(c.startswith(("sqlalchemy.ext.asyncio", "sqlmodel.ext.asyncio")) for c in classes)


def _binds(call: ast.Call) -> list[ast.expr]:
    return [*call.args, *(k.value for k in call.keywords if k.arg == "bind")]


def _bound_to(call: ast.Call) -> str | None:
    """The global that the factory *call* makes is bound to, None if that is no name."""
    match _binds(call):
        case [ast.Name(id=name), *_]:
            return name
    return None
