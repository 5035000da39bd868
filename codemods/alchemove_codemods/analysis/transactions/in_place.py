"""Columns whose values can be changed without being assigned anew: ``user.settings["theme"] = "dark"`` is written like an assignment.

Only types made by ``sqlalchemy.ext.mutable`` tell their object that they were changed. Which columns have one is often decided elsewhere (``JSONType =
MutableDict.as_mutable(JSON)``, ``MutableDict.associate_with(JSON)``), so where a program uses them at all, columns of all but the plainest types count.
"""

from __future__ import annotations

import ast
from typing import Final

from alchemove_codemods.analysis.transactions.promises import plain_annotation
from alchemove_codemods.facts import last_name
from alchemove_codemods.program import Program
from alchemove_codemods.trees import walk

_WORDS: Final = (b"ext.mutable", b"import mutable", b"as_mutable", b"mutable_json_type", b"sqlalchemy_json")
_COLUMNS: Final = frozenset({"Column", "mapped_column", "Field", "deferred"})
_PLAIN: Final = frozenset(
    {
        *("Integer", "BigInteger", "SmallInteger", "String", "Text", "Unicode", "UnicodeText", "Boolean", "Date", "DateTime", "Time"),
        *("Interval", "Float", "Double", "Numeric", "Enum", "LargeBinary", "Uuid", "UUID", "ForeignKey", "Identity", "Sequence"),
        *("INTEGER", "BIGINT", "SMALLINT", "VARCHAR", "NVARCHAR", "CHAR", "TEXT", "CLOB", "BOOLEAN", "DATE", "DATETIME", "TIMESTAMP"),
        *("TIME", "FLOAT", "NUMERIC", "DECIMAL", "REAL", "ENUM", "BLOB", "BYTEA", "INET", "CITEXT", "TSVECTOR", "TINYINT", "LONGTEXT"),
    }
)  # fmt: skip

_CONTAINERS: Final = frozenset({"dict", "Dict", "list", "List", "set", "Set"})


def names_in_place(program: Program) -> frozenset[str]:
    """The names of all such columns of *program*."""
    if not program.mentioning(*_WORDS):
        return frozenset()
    found: set[str] = set()
    for path in program.mentioning(b"Column(", b"mapped_column(", b"Field(", b"Mapped["):
        module = program.module(path)
        for cls in module.classes.values() if module is not None else ():
            for node in cls.node.body:
                match node:
                    case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as call) if not _is_plain(call, None):
                        found.add(name)
                    case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=value) if not _is_plain(
                        value, annotation
                    ):
                        found.add(name)
    return frozenset(found)


def _is_plain(node: ast.expr | None, annotation: ast.expr | None) -> bool:
    """Whether what is declared by *node* is no column, or one of a plain type."""
    given: list[ast.expr] = []
    if isinstance(node, ast.Call):
        if last_name(node.func) not in _COLUMNS:
            return True
        given += [k.value for k in node.keywords if k.arg in ("type_", "sa_type", "sa_column")]
        given += [a for a in node.args if not isinstance(a, ast.Constant)]
    match given:
        case [ast.Call(func=function) as inside, *_] if last_name(function) in _COLUMNS:
            return _is_plain(inside, annotation)
        case [ast.Call(func=kind) | kind, *_]:
            return last_name(kind) in _PLAIN
    # ``Column()`` takes its type from the column that it refers to.
    return annotation is None or not _holds_others(annotation)


def _holds_others(annotation: ast.expr) -> bool:
    """Whether *annotation* is that of a container, or of something that is not known."""
    mapped = isinstance(annotation, ast.Subscript) and last_name(annotation.value) == "Mapped"
    inside = annotation.slice if isinstance(annotation, ast.Subscript) and mapped else annotation
    containers = any(isinstance(n, ast.Name) and n.id in _CONTAINERS for n in walk(inside))
    return containers or not plain_annotation(inside)
