"""The session layer of the program, as ``alchemove init`` writes it: found by what it defines, not by its name."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from alchemove_codemods.facts import FunctionFacts, ModuleFacts, last_name
from alchemove_codemods.program import Program
from alchemove_codemods.trees import walk

_DEPENDENCIES = frozenset({"get_db", "get_session"})
"""The names of ``LegacyDatabase`` that FastAPI can depend on: both open a session, yield it and close it."""
_FACES = frozenset({"get_session", "session", "sync_session"})


@dataclass(frozen=True, slots=True)
class Layer:
    """The module that makes the ``Database``, and the global names of what it hands out (``get_session`` → its name).

    ``dependency`` is the ready-made ``Annotated`` parameter (``SessionDep``), None where there is none.
    """

    module: ModuleFacts
    names: dict[str, str] = field(default_factory=dict[str, str])
    dependency: str | None = None


def find(program: Program) -> Layer | None:
    """The session layer of *program*, None if there is none (or no ``get_session`` in it)."""
    for path in program.mentioning(b"alchemove"):
        module = program.module(path)
        if module is None:
            continue
        databases = {name for name, bindings in module.bindings.items() if _is_database(bindings[-1].node)}
        layer = Layer(module, dict(_faces(module, databases)), _dependency(module)) if databases else None
        if layer is not None and "get_session" in layer.names:
            return layer
    return None


def _is_database(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Name(id="Database")):
            return True
        case ast.Call(func=ast.Attribute(value=ast.Name(id="Database" | "alchemove"))):
            return True
    return False


def _faces(module: ModuleFacts, databases: set[str]) -> list[tuple[str, str]]:
    found = []
    for name, bindings in module.bindings.items():
        match bindings[-1].node:
            case ast.Attribute(value=ast.Name(id=owner), attr=face) if owner in databases and face in _FACES:
                found.append((face, name))
    return found


def _dependency(module: ModuleFacts) -> str | None:
    for name, bindings in module.bindings.items():
        match bindings[-1].node:
            case ast.Subscript(value=head, slice=ast.Tuple(elts=[_, ast.Call(func=made)])) if (
                last_name(head) == "Annotated" and last_name(made) == "session_depends"
            ):
                return name
    return None


def is_legacy(provider: FunctionFacts | None) -> bool:
    """Whether the dependency *provider* only hands out a session.

    That is ``get_db`` or ``get_session`` of the shim, or a generator that opens a session, yields it and closes it.
    """
    if provider is None:
        return False
    if _exported(provider):
        return True
    return _opens_and_yields(provider)


def _exported(provider: FunctionFacts) -> bool:
    module = provider.module
    if b".export(" not in module.source.raw or provider.outer is not None or provider.owner is not None:
        return False
    for node in walk(module.source.tree):
        match node:
            case ast.Call(func=ast.Attribute(attr="export"), args=[ast.Name(id="__name__")], keywords=keywords):
                for keyword in keywords:
                    if keyword.arg == provider.name:
                        return _legacy_name(keyword) in _DEPENDENCIES
    return False


def _legacy_name(keyword: ast.keyword) -> str | None:
    match keyword.value:
        case ast.Constant(value=str()):
            return keyword.arg
        case ast.Tuple(elts=[ast.Constant(value=str(name)), *_]):
            return name
        case ast.Tuple(elts=[ast.Attribute(attr=name), *_]):
            return name
    return None


def _opens_and_yields(provider: FunctionFacts) -> bool:
    """``db = SessionLocal(); try: yield db; finally: db.close()`` and ``with Session(engine) as db: yield db``."""
    if not isinstance(provider.node, ast.FunctionDef) or provider.decorators:
        return False
    body = [n for n in provider.node.body if not _is_text(n)]
    match body:
        case [ast.With(items=[ast.withitem(context_expr=ast.Call(), optional_vars=ast.Name(id=name))], body=inner)]:
            return _yields_only(inner, name)
        case [ast.Assign(targets=[ast.Name(id=name)], value=ast.Call()), ast.Try() as attempt]:
            return _attempt(attempt, name)
        case [ast.Try(body=[ast.Assign(targets=[ast.Name(id=name)], value=ast.Call()), *rest]) as attempt]:
            return _yields_only(rest, name) and not attempt.handlers and _closes(attempt.finalbody, name)
    return False


def _attempt(node: ast.Try, name: str) -> bool:
    return (
        _yields_only(node.body, name)
        and not node.orelse
        and _closes(node.finalbody, name)
        and all(_rolls_back(h, name) for h in node.handlers)
    )


def _rolls_back(handler: ast.ExceptHandler, name: str) -> bool:
    match handler.body:
        case [
            ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=found), attr="rollback"))),
            ast.Raise(exc=None),
        ]:
            return found == name
    return False


def _yields_only(body: list[ast.stmt], name: str) -> bool:
    match body:
        case [ast.Expr(value=ast.Yield(value=ast.Name(id=found)))]:
            return found == name
    return False


def _closes(body: list[ast.stmt], name: str) -> bool:
    match body:
        case [ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=found), attr="close"), args=[]))]:
            return found == name
    return False


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
