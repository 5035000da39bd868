"""What names mean: those outside of the program by their dotted name, and those that a statement takes from its module."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from alchemove_codemods.facts import ModuleFacts, bindings_of, local_names
from alchemove_codemods.program import Program
from alchemove_codemods.trees import children
from alchemove_codemods.values import External

_ORM = ("sqlalchemy", "sqlmodel")


@dataclass(frozen=True, slots=True)
class Reference:
    """A place where a statement refers to the global *name* of its module; ``node`` is a Name, or a Global statement."""

    name: str
    node: ast.Name | ast.Global
    stored: bool


def outside(program: Program, module: ModuleFacts, node: ast.AST | None) -> str | None:
    """The dotted name of what *node* means outside of the program; None if it is of the program, or unknown."""
    match node:
        case ast.Name(id=name):
            value = program.lookup(module, name)
            return value.name if isinstance(value, External) else None
        case ast.Attribute(value=inner, attr=attribute):
            base = outside(program, module, inner)
            return f"{base}.{attribute}" if base else None
        case ast.Subscript(value=inner):
            return outside(program, module, inner)
    return None


def is_orm(name: str | None, *last: str) -> bool:
    """Whether the dotted *name* is one of *last*, of SQLAlchemy or SQLModel."""
    return name is not None and name.split(".", 1)[0] in _ORM and name.rsplit(".", 1)[-1] in last


def defined(statement: ast.stmt) -> frozenset[str]:
    """The names that *statement* binds in its module."""
    bound, _ = bindings_of([statement])
    return frozenset(bound)


def references(statement: ast.AST) -> Iterator[Reference]:
    """The places where *statement*, at the top of a module, means names of that module."""
    yield from _walk(statement, frozenset(), frozenset())


def _walk(node: ast.AST, hidden: frozenset[str], of_class: frozenset[str]) -> Iterator[Reference]:
    """*hidden* are names of the functions around, *of_class* those of the class whose body this is."""
    match node:
        case ast.Name(id=name, ctx=context):
            if name not in hidden and name not in of_class:
                yield Reference(name, node, not isinstance(context, ast.Load))
        case ast.Global():
            pass  # given with the function that holds it
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
            inner = (hidden | local_names(node)) - _declared_global(node)
            assigned = _assigned(node)
            for declared in (each for each in ast.walk(node) if isinstance(each, ast.Global)):
                for name in declared.names:
                    yield Reference(name, declared, name in assigned)
            body: list[ast.AST] = [*node.body] if isinstance(node.body, list) else [node.body]
            for part in body:
                yield from _walk(part, inner, frozenset())
            outer = (*_signature(node.args), *getattr(node, "decorator_list", []), getattr(node, "returns", None))
            for expression in outer:
                if expression is not None:
                    yield from _walk(expression, hidden, of_class)
        case ast.ClassDef():
            for part in (*node.bases, *node.keywords, *node.decorator_list):
                yield from _walk(part, hidden, of_class)
            bound: set[str] = set()
            for statement in node.body:
                yield from _walk(statement, hidden, frozenset(bound))
                bound |= defined(statement)
        case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
            targets = {
                each.id
                for generator in node.generators
                for each in ast.walk(generator.target)
                if isinstance(each, ast.Name)
            }
            for child in children(node):
                yield from _walk(child, hidden | targets, of_class)
        case _:
            for child in children(node):
                yield from _walk(child, hidden, of_class)


def _declared_global(node: ast.AST) -> frozenset[str]:
    return frozenset(name for each in ast.walk(node) if isinstance(each, ast.Global) for name in each.names)


def _assigned(node: ast.AST) -> frozenset[str]:
    return frozenset(
        each.id for each in ast.walk(node) if isinstance(each, ast.Name) and not isinstance(each.ctx, ast.Load)
    )


def _signature(arguments: ast.arguments) -> Iterator[ast.expr | None]:
    yield from arguments.defaults
    yield from arguments.kw_defaults
    for each in ast.walk(arguments):
        if isinstance(each, ast.arg):
            yield each.annotation
