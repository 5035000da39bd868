"""Exceptions that statements raise, and which handlers may catch them."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import sqlalchemy.exc

from alchemove_codemods.analysis.knowledge import Knowledge
from alchemove_codemods.facts import ClassFacts, FunctionFacts, last_name
from alchemove_codemods.values import Class, External

_ALL: Final = frozenset({"Exception", "BaseException"})
_OF_WEB: Final = frozenset({"fastapi.HTTPException", "fastapi.exceptions.HTTPException"})


@dataclass(frozen=True, slots=True)
class Thrown:
    """Exceptions of one class, or of any below it where ``below`` is true.

    ``lineage`` are the names of the class and of those it is made from, None where they are not all known.
    """

    lineage: tuple[str, ...] | None
    below: bool = False


ANY: Final = Thrown(None, below=True)
"""An exception of any class."""


def raised(knowledge: Knowledge, function: FunctionFacts, statement: ast.Raise) -> frozenset[Thrown]:
    """What *statement* of *function* raises: for a bare ``raise``, what the handler around it has caught."""
    handler = _handler(function, statement)
    match statement.exc:
        case None:
            return caught(knowledge, function, handler) if handler is not None else frozenset({ANY})
        case ast.Name(id=name) if handler is not None and handler.name == name:
            return caught(knowledge, function, handler)
        case ast.Call(func=made) | made:
            known = _lineage(knowledge, function, made)
            return frozenset({Thrown(known) if known is not None else ANY})
    return frozenset({ANY})


def caught(knowledge: Knowledge, function: FunctionFacts, handler: ast.ExceptHandler) -> frozenset[Thrown]:
    """What *handler* of *function* may catch."""
    found = (_lineage(knowledge, function, each) for each in _types(handler))
    return frozenset(Thrown(each, below=True) if each is not None else ANY for each in found)


def may_catch(knowledge: Knowledge, function: FunctionFacts, handler: ast.ExceptHandler, thrown: Thrown) -> bool:
    """Whether *handler* of *function* may catch *thrown*."""
    if thrown.lineage is None or _catches_all(handler):
        return True
    for each in _types(handler):
        known = _lineage(knowledge, function, each)
        if last_name(each) in thrown.lineage or (known is not None and known[0] in thrown.lineage):
            return True
        if thrown.below and (known is None or thrown.lineage[0] in known):
            return True
    return False


def catches(knowledge: Knowledge, function: FunctionFacts, handler: ast.ExceptHandler, thrown: Thrown) -> bool:
    """Whether *handler* of *function* catches *thrown* in any case."""
    if _catches_all(handler):
        return True
    known = (_lineage(knowledge, function, each) for each in _types(handler))
    return thrown.lineage is not None and any(k is not None and k[0] in thrown.lineage for k in known)


def _handler(function: FunctionFacts, statement: ast.stmt) -> ast.ExceptHandler | None:
    at: ast.AST | None = statement
    while at is not None and at is not function.node and not isinstance(at, ast.ExceptHandler):
        at = function.module.source.parents.get(at)
    return at if isinstance(at, ast.ExceptHandler) else None


def _types(handler: ast.ExceptHandler) -> Iterable[ast.expr]:
    match handler.type:
        case None:
            return ()
        case ast.Tuple(elts=each):
            return each
        case one:
            return (one,)


def _catches_all(handler: ast.ExceptHandler) -> bool:
    return handler.type is None or any(last_name(each) in _ALL for each in _types(handler))


def _lineage(knowledge: Knowledge, function: FunctionFacts, node: ast.expr) -> tuple[str, ...] | None:
    """The names of the class *node* and of its bases, None where they are not all known."""
    match knowledge.static(function.module, node):
        case External(name=name):
            return _foreign(name)
        case Class(facts=cls):
            found = tuple(_names(knowledge.models.lineage(cls)))
            return found if None not in found else None  # type: ignore[return-value]
    return None


def _names(lineage: Iterable[ClassFacts | str | None]) -> Iterator[str | None]:
    for each in lineage:
        if isinstance(each, ClassFacts):
            yield each.name
        else:
            yield from (_foreign(each) if each is not None else None) or [None]


def _foreign(name: str) -> tuple[str, ...] | None:
    """The names of the class *name* of Python, SQLAlchemy or FastAPI and of its bases."""
    library, _, last = name.rpartition(".")
    if name in _OF_WEB or (library.startswith("starlette") and last == "HTTPException"):
        # FastAPI's is made from Starlette's, which has the same name.
        return (last, *_ALL)
    home = builtins if library == "builtins" else sqlalchemy.exc if library.startswith("sqlalchemy") else None
    found = getattr(home, last, None)
    if isinstance(found, type) and issubclass(found, BaseException):
        return tuple(c.__name__ for c in found.__mro__ if c is not object)
    return None
