"""Columns of numbers that are compared with texts: drivers differ in what they make of it.

psycopg2 writes a text into the statement without a type, and PostgreSQL reads it as the number that the column needs.
asyncpg sends parameters apart from the statement, with their type, and PostgreSQL compares no integer with a varchar.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alchemove_codemods.facts import FunctionFacts, last_name
from alchemove_codemods.trees import walk
from alchemove_codemods.values import NOTHING, Class, Sql, Text, parts

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours

_NUMBERS = frozenset({"Integer", "BigInteger", "SmallInteger", "INTEGER", "BIGINT", "SMALLINT"})
_COMPARED = (ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE)


@dataclass(frozen=True, slots=True, eq=False)
class Mistyped:
    """The *node*, a text, in *function*, and the column of numbers that it is compared with."""

    function: FunctionFacts
    node: ast.expr
    column: str


def mistyped(colours: Colours) -> Iterator[Mistyped]:
    """The texts that coroutines, and what they run with their session, give for numbers."""
    for function in colours.concerned:
        for node in walk(function.node):
            match node:
                case ast.Compare(left=left, ops=[op], comparators=[right]) if isinstance(op, _COMPARED):
                    pairs = [(left, right), (right, left)]
                    found = ((_column(colours, function, a), b) for a, b in pairs)
                    yield from _texts(colours, function, found)
                case ast.Call(func=ast.Attribute(value=session, attr="get"), args=[entity, key]) if (
                    colours.graph.is_session(function, session)
                ):
                    yield from _texts(colours, function, [(_primary_key(colours, function, entity), key)])


def _texts(
    colours: Colours, function: FunctionFacts, pairs: Iterable[tuple[str | None, ast.expr]]
) -> Iterator[Mistyped]:
    for column, node in pairs:
        if column is not None and _is_text(colours, function, node):
            yield Mistyped(function, node, column)


def _is_text(colours: Colours, function: FunctionFacts, node: ast.expr) -> bool:
    found = [p for p in parts(colours.graph.value(function, node)) if p != NOTHING]
    return (bool(found) and all(isinstance(p, Text) for p in found)) or _is_subject(function, node)


def _is_subject(function: FunctionFacts, node: ast.expr) -> bool:
    """Whether *node* is the subject of a token, ``payload.get("sub")``, whatever it is annotated with.

    That is a text by RFC 7519, section 4.1.2, and the libraries insist on it.
    """
    match node:
        case ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(value="sub"), *_]):
            return True
        case ast.Subscript(slice=ast.Constant(value="sub")):
            return True
        case ast.Name(id=name) if not any(p.arg == name for p in function.parameters):
            values = list(_values(function, name))
            return (
                bool(values)
                and not any(isinstance(v, ast.Name) for v in values)
                and all(_is_subject(function, v) for v in values)
            )
    return False


def _values(function: FunctionFacts, name: str) -> Iterator[ast.expr]:
    """All that *function* assigns to its variable *name*."""
    for node in walk(function.node):
        match node:
            case ast.Assign(targets=targets, value=value):
                if any(isinstance(t, ast.Name) and t.id == name for t in targets):
                    yield value
            case ast.AnnAssign(target=ast.Name(id=found), value=ast.expr() as value) if found == name:
                yield value
            case ast.NamedExpr(target=ast.Name(id=found), value=value) if found == name:
                yield value


def _column(colours: Colours, function: FunctionFacts, node: ast.expr) -> str | None:
    """The name of the column of numbers that *node* is."""
    if not isinstance(node, ast.Attribute):
        return None
    match colours.graph.value(function, node):
        case Sql(kind="column", name=str(name), owners=owners, opaque=False) if name == node.attr:
            classes = [o.facts for o in owners if isinstance(o, Class)]
            found = [colours.knowledge.models.attribute(cls, name) for cls in classes]
            if found and all(f is not None and _is_number(f.node) for f in found):
                return f"{classes[0].name}.{name}"
    return None


def _primary_key(colours: Colours, function: FunctionFacts, entity: ast.expr) -> str | None:
    """The primary key of numbers of the class *entity*."""
    match colours.graph.value(function, entity):
        case Class(facts=cls):
            own = colours.knowledge.models.own(cls)
            keys = [name for name, attribute in own.items() if attribute.primary_key]
            if len(keys) == 1 and _is_number(own[keys[0]].node):
                return f"{cls.name}.{keys[0]}"
    return None


def _is_number(node: ast.AST | None) -> bool:
    """Whether ``Column(...)`` names a type of whole numbers."""
    if not isinstance(node, ast.Call):
        return False
    named = (a.func if isinstance(a, ast.Call) else a for a in node.args)
    return any(last_name(a) in _NUMBERS for a in named if isinstance(a, (ast.Name, ast.Attribute)))
