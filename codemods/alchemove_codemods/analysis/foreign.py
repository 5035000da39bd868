"""Models of other packages: classes whose definition is not part of the program, known by how the program uses them."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from alchemove_codemods.trees import walk
from alchemove_codemods.values import External

if TYPE_CHECKING:
    from alchemove_codemods.analysis.arguments import Argument
    from alchemove_codemods.analysis.frame import Frame
    from alchemove_codemods.analysis.knowledge import Knowledge
    from alchemove_codemods.facts import ModuleFacts

_OF_TABLES = frozenset({"c", "columns", "metadata", "select", "insert", "update", "delete", "join", "alias", "name"})
_ON_QUERIES = re.compile(
    r"[\s\\)]*\.\s*(?:filter|filter_by|join|outerjoin|options|order_by|get|first|one|one_or_none|all|count|delete|update)\s*\("
)
OTHER_CLIENTS = re.compile(r"[\s\\)]*\.\s*(?:fetch|fetchall|fetchone|result|to_dataframe|to_pandas|getresult)\s*\(")
"""What follows ``client.query(sql)`` of databases that are not reached by SQLAlchemy, and is no method of a Query."""
MODEL_FACTORIES = frozenset(
    f"sqlalchemy_continuum.{module}{name}"
    for module in ("", "utils.")
    for name in ("version_class", "parent_class", "transaction_class")
)
"""Functions of other packages that give a mapped class."""
_NOT_MODELS = frozenset({"builtins", "sqlalchemy", "typing", "google", "azure", "mongoengine", "mongoalchemy", "ming"})


def is_queried(frame: Frame, node: ast.Call, value: External) -> bool:
    """Whether the call *node*, ``x.query(value)``, can only be one of a session: *value* is a class, and a Query's method follows."""
    source = frame.module.source
    return (
        value.last[:1].isupper()
        and not value.last.isupper()
        and value.top not in _NOT_MODELS
        and _ON_QUERIES.match(source.text, source.end(node)) is not None
        and bool(frame.knowledge.program.mentioning(b"sqlalchemy"))
        and acts_as_class(frame.knowledge, value)
    )


def may_be_queried(frame: Frame, node: ast.Call, arguments: list[Argument]) -> bool:
    """Whether the call *node*, ``x.query(...)``, looks like one of a session whatever *x* is called: a class, or an attribute of one, and a Query's method."""
    source = frame.module.source
    return (
        bool(arguments)
        and all(_is_of_a_class(a.value) for a in arguments)
        and _ON_QUERIES.match(source.text, source.end(node)) is not None
        and bool(frame.knowledge.program.mentioning(b"sqlalchemy"))
    )


def _is_of_a_class(value: object) -> bool:
    if not isinstance(value, External) or value.top in _NOT_MODELS:
        return False
    return any(part[:1].isupper() and not part.isupper() for part in value.name.split(".")[-2:])


def acts_as_class(knowledge: Knowledge, value: External) -> bool:
    """Whether the program makes objects of *value*, or reads attributes of it that a table does not have."""
    known = knowledge.classes_outside
    if value.name not in known:
        known[value.name] = any(
            _used_as_class(knowledge, path, value) for path in knowledge.program.mentioning(value.last.encode())
        )
    return known[value.name]


def _used_as_class(knowledge: Knowledge, path: str, value: External) -> bool:
    module = knowledge.program.module(path)
    if module is None:
        return False
    for node in walk(module.source.tree):
        match node:
            case ast.Call(func=ast.Name() | ast.Attribute() as used):
                pass
            case ast.Attribute(value=ast.Name() | ast.Attribute() as used, attr=attr) if attr not in _OF_TABLES:
                pass
            case _:
                continue
        name = used.id if isinstance(used, ast.Name) else used.attr
        if name == value.last and _meaning(knowledge, module, used) == value:
            return True
    return False


def _meaning(knowledge: Knowledge, module: ModuleFacts, node: ast.expr) -> object:
    match node:
        case ast.Name(id=name):
            return knowledge.program.lookup(module, name)
        case ast.Attribute(value=inner, attr=attr):
            outer = _meaning(knowledge, module, inner)
            return External(f"{outer.name}.{attr}") if isinstance(outer, External) else None
    return None
