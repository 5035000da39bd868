"""Which module of a program is its database module: the one that makes an engine, whatever it is called."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from alchemove_codemods.facts import FunctionFacts, ModuleFacts, statements
from alchemove_codemods.init.names import is_orm, outside
from alchemove_codemods.program import Program
from alchemove_codemods.test_files import is_test_file

MAKERS = ("create_engine", "engine_from_config")
ASYNC_MAKERS = ("create_async_engine", "async_engine_from_config")
_WORDS = tuple(word.encode() for word in MAKERS)
# Engines made there are for migrations and single runs, not those of the application.
_ELSEWHERE = frozenset(
    {
        "alembic",
        "benchmarks",
        "docs",
        "examples",
        "migrations",
        "revisions",
        "scripts",
        "tools",
        "versions",
    }
)


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine that a module makes.

    ``name`` is that of the variable, factory of sessions, function or class it is reached by; ``statement`` the statement
    of the module that holds it; ``call`` what makes it.
    """

    name: str
    where: Literal["module", "factory", "function", "class"]
    statement: ast.stmt
    call: ast.Call


@dataclass(frozen=True, slots=True)
class Candidate:
    """A module that makes engines."""

    module: ModuleFacts
    engines: tuple[Engine, ...]

    @property
    def of_module(self) -> tuple[Engine, ...]:
        """Those that are made when the module is imported."""
        return tuple(engine for engine in self.engines if engine.where == "module")


def find(program: Program, targets: frozenset[str], named: frozenset[str]) -> list[Candidate]:
    """The modules among *targets* that make an engine; those of tests and the like only if they are *named*."""
    paths = program.mentioning(*_WORDS)
    makers = {maker.name for path in paths for maker in _making_functions(program, path)}
    paths += (
        [path for path in program.mentioning(*(name.encode() for name in makers)) if path not in paths]
        if makers
        else []
    )
    found = []
    for path in sorted(paths):
        if path not in targets or (path not in named and _elsewhere(path)):
            continue
        module = program.module(path)
        if module is None:
            continue
        engines = tuple(_engines(program, module))
        if engines:
            found.append(Candidate(module, engines))
    return found


def _elsewhere(path: str) -> bool:
    *folders, name = PurePosixPath(path).parts
    return (
        is_test_file(path)
        or not _ELSEWHERE.isdisjoint(folders)
        or name == "env.py"
        or (name == "setup.py" and not folders)
    )


def _engines(program: Program, module: ModuleFacts) -> Iterator[Engine]:
    for statement in module.source.tree.body:
        match statement:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                if (call := _call_in(program, module, statement)) is not None:
                    yield Engine(name, "function", statement, call)
            case ast.ClassDef(name=name):
                if (call := _call_in(program, module, statement)) is not None:
                    yield Engine(name, "class", statement, call)
            case _:
                yield from _assigned(program, module, statement)


def _assigned(program: Program, module: ModuleFacts, statement: ast.stmt) -> Iterator[Engine]:
    seen = set()
    for node in statements([statement]):
        match node:
            case ast.Assign(targets=[target], value=value) | ast.AnnAssign(target=target, value=ast.expr() as value):
                call = _making_call(program, module, value)
                if call is None:
                    inner = _given_to_factory(program, module, value)
                    if inner is not None and isinstance(target, ast.Name):
                        yield Engine(target.id, "factory", statement, inner)
                    continue
                # Of several names that one call gives, the one that is called an engine is it.
                names = [each.id for each in ast.walk(target) if isinstance(each, ast.Name)]
                name = names[0] if len(names) == 1 else next((each for each in names if "engine" in each.lower()), "")
                if name and name not in seen:
                    seen.add(name)
                    yield Engine(name, "module", statement, call)


def _making_call(program: Program, module: ModuleFacts, value: ast.expr) -> ast.Call | None:
    match value:
        case ast.Call(func=func):
            if is_orm(outside(program, module, func), *MAKERS):
                return value
            origin = program.origin_of(module, func)
            home = program.module(origin[0]) if origin and origin[0].endswith(".py") else None
            if home is None or origin is None:
                return None
            makes = any(maker.name == origin[1] for maker in _making_functions(program, home.path))
            return value if makes else None
        case ast.IfExp(body=first, orelse=second):
            return _making_call(program, module, first) or _making_call(program, module, second)
    return None


def _given_to_factory(program: Program, module: ModuleFacts, value: ast.expr) -> ast.Call | None:
    """What makes the engine in ``sessionmaker(bind=create_engine(URL))``, where nothing but the factory leads to it."""
    match value:
        case ast.Call(func=func, args=args, keywords=keywords) if is_orm(
            outside(program, module, func), "sessionmaker"
        ):
            bound = [*args, *(keyword.value for keyword in keywords if keyword.arg == "bind")]
            made = [each for each in bound if isinstance(each, ast.Call)]
            if len(made) == 1 and is_orm(outside(program, module, made[0].func), *MAKERS):
                return made[0]
    return None


def _making_functions(program: Program, path: str) -> Iterator[FunctionFacts]:
    """Top-level functions of the file that call ``create_engine`` and return something."""
    module = program.module(path)
    for node, function in module.functions.items() if module else ():
        if function.owner is None and _call_in(program, function.module, node) is not None and _returns(node):
            yield function


def _returns(node: ast.AST) -> bool:
    return any(isinstance(each, ast.Return) and each.value is not None for each in ast.walk(node))


def _call_in(program: Program, module: ModuleFacts, node: ast.AST) -> ast.Call | None:
    for each in ast.walk(node):
        if isinstance(each, ast.Call) and is_orm(_called(program, module, each.func), *MAKERS):
            return each
    return None


def _called(program: Program, module: ModuleFacts, func: ast.expr) -> str | None:
    found = outside(program, module, func)
    if found is None and isinstance(func, ast.Name) and func.id in MAKERS and func.id not in module.bindings:
        return f"sqlalchemy.{func.id}"  # imported inside the function
    return found
