"""Of which type the values are that a column gives back just as they were given to it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from alchemove_codemods.analysis.declared import Attribute
from alchemove_codemods.colours.annotations import Annotations, Kind
from alchemove_codemods.facts import last_name
from alchemove_codemods.values import Class, External, parts

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours

_EXACT: Final = {
    **dict.fromkeys(("String", "Text", "Unicode", "UnicodeText", "VARCHAR", "TEXT", "NVARCHAR", "AutoString"), "str"),
    **dict.fromkeys(("Integer", "BigInteger", "SmallInteger", "INTEGER", "BIGINT", "SMALLINT"), "int"),
    **dict.fromkeys(("Float", "Double", "FLOAT", "DOUBLE", "DOUBLE_PRECISION"), "float"),
    **dict.fromkeys(("Boolean", "BOOLEAN"), "bool"),
    **dict.fromkeys(("DateTime", "DATETIME", "TIMESTAMP"), "naive datetime"),
    **dict.fromkeys(("Date", "DATE"), "date"),
    **dict.fromkeys(("Uuid", "UUID"), "UUID"),
    **dict.fromkeys(("LargeBinary", "BLOB", "BYTEA"), "bytes"),
}
"""The types of columns that give back what they are given, by the type of the value. ``Numeric`` is none of them, nor ``CHAR``."""
_WITHOUT_OPTIONS: Final = frozenset({"float", "naive datetime", "UUID"})


class Columns:
    """Answers for one program."""

    def __init__(self, colours: Colours, annotations: Annotations) -> None:
        self._graph = colours.graph
        self._annotations = annotations
        self._columns: dict[Attribute, Kind | None] = {}

    def fits(self, found: frozenset[Kind], attribute: Attribute) -> bool:
        """Whether values of the types *found* come back from the column *attribute* as they are."""
        rest = found - {"None"}
        return not rest or rest == {self.of(attribute)}

    def of(self, attribute: Attribute) -> Kind | None:
        """The type of values that the column *attribute* gives back as they are; None if there is none for sure."""
        if attribute not in self._columns:
            self._columns[attribute] = self._of_column(attribute) if attribute.kind == "column" else None
        return self._columns[attribute]

    def _of_column(self, attribute: Attribute) -> Kind | None:
        module, call = attribute.owner.module, attribute.node
        named = list(_types(call))
        for argument in named:
            head = argument.func if isinstance(argument, ast.Call) else argument
            arguments = [*argument.args, *argument.keywords] if isinstance(argument, ast.Call) else []
            values = list(parts(self._graph.knowledge.static(module, head)))
            if any(isinstance(v, Class) for v in values):
                return None
            if not values or not all(isinstance(v, External) and v.top in ("sqlalchemy", "sqlmodel") for v in values):
                continue
            name = last_name(head) or ""
            if name in ("Enum", "ENUM") and isinstance(argument, ast.Call) and argument.args:
                return self._annotations.enumeration(module, argument.args[0])
            if name == "ForeignKey":
                continue
            kind = _EXACT.get(name)
            plain = not arguments or (kind == "UUID" and _says(argument, "as_uuid"))
            return kind if kind not in _WITHOUT_OPTIONS or plain else None
        if named or any(True for _ in self._graph.knowledge.program.mentioning(b"type_annotation_map")):
            return self._of_key(call)
        return self._declared(attribute)

    def _of_key(self, call: ast.AST) -> Kind | None:
        """A foreign key that names no type has that of the key, which is an int nearly always and comes back as it is."""
        keys = [a for a in getattr(call, "args", ()) if isinstance(a, ast.Call) and last_name(a.func) == "ForeignKey"]
        return "int" if keys else None

    def _declared(self, attribute: Attribute) -> Kind | None:
        """The same by its annotation: ``name: Mapped[str]``, or ``name: str`` of SQLModel."""
        bindings = [b for found in attribute.owner.members.values() for b in found if b.node is attribute.node]
        annotation = bindings[0].annotation if len(bindings) == 1 else None
        if annotation is None:
            return None
        if any(k.arg in ("max_digits", "decimal_places") for k in getattr(attribute.node, "keywords", ())):
            return None
        found = self._annotations.of(attribute.owner.module, annotation, validated=True)
        rest = found - {"None"} if found is not None else frozenset()
        return next(iter(rest)) if len(rest) == 1 else None


def _types(node: ast.AST) -> Iterator[ast.expr]:
    """The expressions in the call *node* of ``Column`` that may be its type."""
    if isinstance(node, ast.Call):
        for argument in [*node.args, *(k.value for k in node.keywords if k.arg in ("type_", "sa_type", "sa_column"))]:
            if isinstance(argument, ast.Call) and last_name(argument.func) == "Column":
                yield from _types(argument)
            elif not isinstance(argument, ast.Constant):
                yield argument


def heads(node: ast.AST) -> Iterator[ast.expr]:
    """The expressions that name the type in the call *node* of ``Column``."""
    for argument in _types(node):
        yield argument.func if isinstance(argument, ast.Call) else argument


def _says(node: ast.expr, option: str) -> bool:
    return isinstance(node, ast.Call) and all(
        k.arg == option and isinstance(k.value, ast.Constant) and k.value.value is True for k in node.keywords
    )


def options(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """The options of the column that *node* makes, also those that SQLModel is given: ``sa_column=Column(...)``, ``sa_column_kwargs={...}``."""
    for keyword in node.keywords if isinstance(node, ast.Call) else ():
        if keyword.arg is not None:
            yield keyword.arg, keyword.value
        match keyword:
            case ast.keyword(arg="sa_column", value=ast.Call() as column):
                yield from options(column)
            case ast.keyword(arg="sa_column_kwargs", value=ast.Dict(keys=keys, values=values)):
                for key, value in zip(keys, values, strict=True):
                    if isinstance(key, ast.Constant) and isinstance(key.value, str):
                        yield key.value, value
