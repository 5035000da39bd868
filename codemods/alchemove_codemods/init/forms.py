"""The shapes of legacy session code: which function of a database module is which of the shim's."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from alchemove_codemods.facts import ModuleFacts
from alchemove_codemods.init.made_factories import as_if_here
from alchemove_codemods.init.names import is_orm, outside
from alchemove_codemods.program import Program

Own = Literal["engine", "SessionLocal", "get_db", "get_session", "get_db_session", "get_db_connection"]
"""The names that the runtime's ``LegacyDatabase`` offers."""

_CATCHES_ALL = ("Exception", "BaseException")


@dataclass(frozen=True, slots=True)
class Known:
    """What the names of a module are: its engine, the URL that this was made from, its session factory."""

    engine: str
    url: ast.expr | None
    factory: str | None


@dataclass(frozen=True, slots=True)
class Factory:
    """A ``sessionmaker(...)`` that is bound to the engine, with the options that a session sees."""

    name: str
    options: tuple[ast.keyword, ...]


def factory_of(program: Program, module: ModuleFacts, statement: ast.stmt, engine: str) -> Factory | None:
    """The session factory that *statement* makes, if it is bound to *engine*."""
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as call):
            pass
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.Call() as call):
            pass
        case _:
            return None
    call = as_if_here(module, call)
    if not is_orm(outside(program, module, call.func), "sessionmaker") or len(call.args) > 1:
        return None
    bind = call.args[0] if call.args else next((each.value for each in call.keywords if each.arg == "bind"), None)
    if not (isinstance(bind, ast.Name) and bind.id == engine):
        return None
    options = tuple(each for each in call.keywords if each.arg != "bind" and not says_nothing(each))
    return None if any(each.arg in (None, "binds") for each in options) else Factory(name, options)


def says_nothing(option: ast.keyword) -> bool:
    """Whether *option* of a session or a factory is what 2.0 does without it."""
    # Both are what 2.0 always does.
    match option:
        case ast.keyword(arg="autocommit", value=ast.Constant(value=False)):
            return True
        case ast.keyword(arg="future", value=ast.Constant(value=True)):
            return True
    return False


def function_of(program: Program, module: ModuleFacts, statement: ast.stmt, known: Known) -> Own | None:
    """Which of the shim's functions *statement* defines, if it does exactly what that does."""
    if not isinstance(statement, ast.FunctionDef) or _parameters(statement):
        return None
    decorators = [outside(program, module, each) for each in statement.decorator_list]
    body = _without_docstring(statement.body)
    match decorators:
        case []:
            if _closes(body, known):
                return "get_db"
            if _of_engine(program, module, body, known):
                return "get_session"
            if _connects(program, module, body, known):
                return "get_db_connection"
        case ["contextlib.contextmanager"]:
            if _commits(body, known):
                return "get_db_session"
    return None


def gives_session(program: Program, module: ModuleFacts, statement: ast.stmt, names: frozenset[str]) -> bool:
    """Whether *statement* defines something that hands out sessions of *names* (a factory, the engine, what uses them)."""
    match statement:
        case ast.FunctionDef(body=body, returns=returns) | ast.AsyncFunctionDef(body=body, returns=returns):
            inner = [each for part in body for each in _own_nodes(part)]
            yields = any(isinstance(each, ast.Yield) and each.value is not None for each in inner)
            made = any(isinstance(each, ast.Call) and _calls(program, module, each, names) for each in inner)
            if not made:
                return False
            returned = any(
                isinstance(each, ast.Return)
                and isinstance(each.value, ast.Call)
                and _calls(program, module, each.value, names)
                for each in inner
            )
            annotated = is_orm(outside(program, module, returns), "Session", "scoped_session")
            return yields or returned or annotated
        case ast.Assign(targets=[ast.Name()], value=ast.Call() as call):
            return _calls(program, module, call, names) or (
                is_orm(outside(program, module, call.func), "scoped_session")
                and any(isinstance(each, ast.Name) and each.id in names for each in ast.walk(call))
            )
    return False


def _calls(program: Program, module: ModuleFacts, call: ast.Call, names: frozenset[str]) -> bool:
    match call:
        case ast.Call(func=ast.Name(id=name)) if name in names:
            return True
        case ast.Call(func=func, args=arguments, keywords=keywords) if is_orm(
            outside(program, module, func), "Session"
        ):
            given = [*arguments, *(each.value for each in keywords)]
            return any(isinstance(each, ast.Name) and each.id in names for each in given)
    return False


def _own_nodes(node: ast.AST) -> list[ast.AST]:
    """What stands below *node*, without the bodies of functions inside."""
    found: list[ast.AST] = [node]
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
        for child in ast.iter_child_nodes(node):
            found += _own_nodes(child)
    return found


def _parameters(function: ast.FunctionDef) -> bool:
    arguments = function.args
    return bool(arguments.args or arguments.posonlyargs or arguments.kwonlyargs or arguments.vararg or arguments.kwarg)


def _without_docstring(body: Sequence[ast.stmt]) -> list[ast.stmt]:
    return [
        each
        for each in body
        if not (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant))
        and not isinstance(each, ast.Global)
    ]


def _opened(statement: ast.stmt, known: Known) -> str | None:
    """The variable that *statement* gives a session of the factory."""
    match statement:
        case (
            ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=ast.Name(id=called), args=[], keywords=[]))
            | ast.AnnAssign(target=ast.Name(id=name), value=ast.Call(func=ast.Name(id=called), args=[], keywords=[]))
        ) if called == known.factory:
            return name
    return None


def _method(statement: ast.stmt, session: str, method: str) -> bool:
    match statement:
        case ast.Expr(
            value=ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=attribute), args=[], keywords=[])
        ):
            return name == session and attribute == method
    return False


def _yields(statement: ast.stmt, session: str) -> bool:
    match statement:
        case ast.Expr(value=ast.Yield(value=ast.Name(id=name))):
            return name == session
    return False


def _with_factory(body: Sequence[ast.stmt], known: Known) -> tuple[str, list[ast.stmt]] | None:
    match body:
        case [
            ast.With(
                items=[
                    ast.withitem(
                        context_expr=ast.Call(func=ast.Name(id=called), args=[], keywords=[]),
                        optional_vars=ast.Name(id=name),
                    )
                ],
                body=inner,
            )
        ] if called == known.factory:
            return name, inner
    return None


def _closes(body: Sequence[ast.stmt], known: Known) -> bool:
    """``db = SessionLocal(); try: yield db; finally: db.close()``, in its spellings."""
    if (block := _with_factory(body, known)) is not None:
        return len(block[1]) == 1 and _yields(block[1][0], block[0])
    match body:
        case [opening, ast.Try(body=[inner], handlers=[], orelse=[], finalbody=[closing])]:
            session = _opened(opening, known)
        case [ast.Try(body=[opening, inner], handlers=[], orelse=[], finalbody=[closing])]:
            session = _opened(opening, known)
        case _:
            return False
    return session is not None and _yields(inner, session) and _method(closing, session, "close")


def _commits(body: Sequence[ast.stmt], known: Known) -> bool:
    """The same with a commit at the end, and a rollback when the block raises."""
    if (block := _with_factory(body, known)) is not None:
        session, inner = block
        match inner:
            case [ast.Try(finalbody=[]) as attempt]:
                return _ends_well(attempt, session)
        return False
    match body:
        case [opening, ast.Try(finalbody=[closing]) as attempt]:
            found = _opened(opening, known)
            return found is not None and _ends_well(attempt, found) and _method(closing, found, "close")
    return False


def _ends_well(attempt: ast.Try, session: str) -> bool:
    match [*attempt.body, *attempt.orelse]:
        case [inner, commit] if _yields(inner, session) and _method(commit, session, "commit"):
            pass
        case _:
            return False
    match attempt.handlers:
        case [ast.ExceptHandler(type=None | ast.Name(), body=[rollback, ast.Raise(exc=None, cause=None)]) as handler]:
            caught = handler.type.id if isinstance(handler.type, ast.Name) else "BaseException"
            return caught in _CATCHES_ALL and _method(rollback, session, "rollback")
    return False


def _of_engine(program: Program, module: ModuleFacts, body: Sequence[ast.stmt], known: Known) -> bool:
    """``with Session(engine) as session: yield session``, where the module has no factory with options of its own."""
    match body:
        case [
            ast.With(
                items=[
                    ast.withitem(
                        context_expr=ast.Call(func=func, args=[ast.Name(id=engine)], keywords=[]),
                        optional_vars=ast.Name(id=name),
                    )
                ],
                body=[inner],
            )
        ] if engine == known.engine and known.factory is None:
            return is_orm(outside(program, module, func), "Session") and _yields(inner, name)
    return False


def _connects(program: Program, module: ModuleFacts, body: Sequence[ast.stmt], known: Known) -> bool:
    """``return psycopg2.connect(URL)`` with the very URL that the engine was made from."""
    match body:
        case [ast.Return(value=ast.Call(func=func, args=[url], keywords=[]))]:
            return (
                outside(program, module, func) == "psycopg2.connect"
                and known.url is not None
                and ast.dump(url) == ast.dump(known.url)
            )
    return False
