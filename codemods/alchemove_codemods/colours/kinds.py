"""Of which Python type a value is, and of which type the values are that a column gives back.

Drivers and types of SQLAlchemy take more than they give: an int that is put into a column of texts comes back as a text, a float
as a ``Decimal``, a naive datetime from a column with a time zone as one that has it.
See https://docs.sqlalchemy.org/en/20/core/type_basics.html for what each type gives.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Final

from alchemove_codemods.analysis.declared import Attribute
from alchemove_codemods.colours.graph import Graph
from alchemove_codemods.colours.loads.scopes import given
from alchemove_codemods.facts import ClassFacts, FunctionFacts, last_name
from alchemove_codemods.values import NOTHING, External, Instance, Text, parts

_COLUMNS: Final = {
    **dict.fromkeys(("String", "Text", "Unicode", "UnicodeText", "VARCHAR", "TEXT", "CHAR", "NVARCHAR", "AutoString"), "str"),
    **dict.fromkeys(("Integer", "BigInteger", "SmallInteger", "INTEGER", "BIGINT", "SMALLINT"), "int"),
    **dict.fromkeys(("Float", "Double", "FLOAT", "REAL", "DOUBLE"), "float"),
    **dict.fromkeys(("Numeric", "DECIMAL", "NUMERIC"), "Decimal"),
    **dict.fromkeys(("Boolean", "BOOLEAN"), "bool"),
    **dict.fromkeys(("DateTime", "DATETIME", "TIMESTAMP"), "datetime"),
    **dict.fromkeys(("Date", "DATE"), "date"),
}  # fmt: skip
_ANNOTATIONS: Final = frozenset({"str", "int", "float", "bool", "Decimal", "datetime", "date", "UUID"})
CALLS: Final = {
    **dict.fromkeys(
        ("builtins.int", "builtins.len", "builtins.hash", "builtins.ord", "random.randint", "random.randrange"), "int"
    ),
    **dict.fromkeys(("builtins.float", "random.random", "random.uniform", "time.time"), "float"),
    **dict.fromkeys(("builtins.str", "builtins.repr", "builtins.hex", "builtins.chr"), "str"),
    **dict.fromkeys(("uuid.uuid4", "uuid.uuid1", "uuid.UUID"), "UUID"),
    "builtins.bool": "bool",
    "decimal.Decimal": "Decimal",
    "datetime.date.today": "date",
    "datetime.datetime.utcnow": "naive datetime",
}
ALWAYS_TEXT: Final = frozenset(
    {"isoformat", "strftime", "format", "join", "lower", "upper", "strip", "title", "hexdigest"}
)
_ASKED = 6


@dataclass(frozen=True, slots=True)
class Kinds:
    """Answers for one program."""

    graph: Graph

    def changes(self, function: FunctionFacts, node: ast.expr, attribute: Attribute) -> bool:
        """Whether what *node* of *function* gives is proved to be of another type than the column *attribute* gives back."""
        column = self.of_column(attribute)
        if column is None:
            return False
        return any(not _is_kept(kind, column) for kind in self.of(function, node))

    def of_column(self, attribute: Attribute) -> str | None:
        """The type that the column gives back: ``"str"``, ``"aware datetime"``...; None if that is not known."""
        call = attribute.node
        if attribute.kind != "column":
            return None
        if not isinstance(call, ast.Call) or not _names_a_type(call):
            return self._declared(attribute)
        named = [*call.args, *(k.value for k in call.keywords if k.arg in ("type_", "sa_type"))]
        for argument in named:
            options = argument.keywords if isinstance(argument, ast.Call) else []
            name = last_name(argument.func if isinstance(argument, ast.Call) else argument)
            values = list(parts(self.graph.knowledge.static(attribute.owner.module, _head(argument))))
            if name not in _COLUMNS or not all(
                isinstance(v, External) and v.top in ("sqlalchemy", "sqlmodel") for v in values
            ):
                continue
            match _COLUMNS[name]:
                case "Decimal" | "float" as kind:
                    return None if any(k.arg == "asdecimal" for k in options) else kind
                case "datetime":
                    zone = [k.value for k in options if k.arg == "timezone"]
                    if not zone:
                        return "datetime"
                    return "aware datetime" if isinstance(zone[0], ast.Constant) and zone[0].value is True else None
                case kind:
                    return kind
        return None

    def _declared(self, attribute: Attribute) -> str | None:
        """The same by its annotation: ``image: Mapped[str]``, or ``image: str`` of SQLModel."""
        bindings = [b for found in attribute.owner.members.values() for b in found if b.node is attribute.node]
        annotation = bindings[0].annotation if len(bindings) == 1 else None
        if any(True for _ in self.graph.knowledge.program.mentioning(b"type_annotation_map")):
            return None
        match annotation, attribute.node:
            case ast.Subscript(value=head, slice=inner), _ if last_name(head) == "Mapped":
                kinds = annotated(inner)
            case ast.expr(), ast.Call(func=callee) if last_name(callee) == "Field":
                kinds = annotated(annotation)
            case _:
                return None
        return next(iter(kinds & set(_COLUMNS.values())), None)

    def of(self, function: FunctionFacts, node: ast.expr, depth: int = 0) -> frozenset[str]:
        """The types that *node* is proved to be of on some way; empty if it is not known, or ``None``."""
        if depth > _ASKED:
            return frozenset()
        match node:
            case ast.Constant(value=bool() | int() | float() | str() as value):
                return frozenset({type(value).__name__})
            case ast.JoinedStr():
                return frozenset({"str"})
            case ast.Compare() | ast.UnaryOp(op=ast.Not()):
                return frozenset({"bool"}) if is_plain_test(node) else frozenset()
            case ast.IfExp(body=body, orelse=orelse):
                return self.of(function, body, depth + 1) | self.of(function, orelse, depth + 1)
            case ast.BoolOp(values=values):
                return frozenset().union(*(self.of(function, v, depth + 1) for v in values[-1:]))
            case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
                return self.of(function, operand, depth + 1) & {"int", "float"}
            case ast.BinOp(left=left, op=op, right=right):
                return together(self.of(function, left, depth + 1), op, self.of(function, right, depth + 1))
            case ast.Call():
                return self._called(function, node)
            case ast.Name():
                return self._named(function, node, depth)
            case ast.Attribute():
                return self._held(function, node)
        return frozenset()

    def _called(self, function: FunctionFacts, node: ast.Call) -> frozenset[str]:
        name = self.dotted(function, node.func)
        if name in CALLS:
            return frozenset({CALLS[name]})
        if name == "datetime.datetime.now":
            return frozenset({"aware datetime" if node.args or node.keywords else "naive datetime"})
        if name == "builtins.round" and node.args:
            return frozenset({"int"}) if len(node.args) == 1 else frozenset()
        if isinstance(node.func, ast.Attribute):
            texts = list(parts(self.graph.value(function, node.func.value)))
            literal = isinstance(node.func.value, (ast.JoinedStr,)) or _is_text(node.func.value)
            if node.func.attr in ALWAYS_TEXT and (literal or (texts and all(isinstance(t, Text) for t in texts))):
                return frozenset({"str"})
        return frozenset()

    def dotted(self, function: FunctionFacts, node: ast.expr) -> str | None:
        """The dotted name of what *node* is, outside of the program."""
        value = self.graph.knowledge.static(function.module, node)
        if isinstance(value, External):
            return value.name
        if isinstance(node, ast.Name) and node.id not in function.module.bindings:
            return f"builtins.{node.id}" if f"builtins.{node.id}" in {*CALLS, "builtins.round"} else None
        return None

    def _named(self, function: FunctionFacts, node: ast.Name, depth: int) -> frozenset[str]:
        found: set[str] = set()
        for each in given(function, function.module.source.parents, node):
            if each.kind == "value" and each.index is None and each.node is not None and each.node is not node:
                found |= self.of(function, each.node, depth + 1)
            elif each.kind == "parameter":
                annotations = [p.annotation for p in function.parameters if p.arg == node.id]
                found |= annotated(annotations[0] if annotations else None)
        return frozenset(found)

    def _held(self, function: FunctionFacts, node: ast.Attribute) -> frozenset[str]:
        """What the field of a class is annotated with, or the column of a model gives."""
        found: set[str] = set()
        models = self.graph.knowledge.models
        for part in parts(self.graph.value(function, node.value)):
            if part == NOTHING:
                continue
            if not isinstance(part, Instance) or not isinstance(part.cls, ClassFacts):
                return frozenset()
            if models.is_mapped(part.cls):
                attribute = models.attribute(part.cls, node.attr)
                kind = self.of_column(attribute) if attribute is not None else None
                found |= {kind} if kind is not None else set()
                continue
            bindings = next((a.members[node.attr] for a in models.ancestors(part.cls) if node.attr in a.members), [])
            found |= annotated(bindings[0].annotation if len(bindings) == 1 else None)
        return frozenset(found)


_TYPE_OPTIONS: Final = frozenset({"type_", "sa_type", "sa_column", "foreign_key"})


def _names_a_type(call: ast.Call) -> bool:
    """Whether the call says itself, or by the key that it refers to, of which type the column is."""
    return any(not isinstance(a, ast.Constant) for a in call.args) or any(
        k.arg in _TYPE_OPTIONS or k.arg is None for k in call.keywords
    )


def _head(node: ast.expr) -> ast.expr:
    return node.func if isinstance(node, ast.Call) else node


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def is_plain_test(node: ast.expr) -> bool:
    """Whether *node* is a bool whatever is compared: an ``==`` may be an expression of SQL."""
    return isinstance(node, ast.UnaryOp) or (
        isinstance(node, ast.Compare) and all(isinstance(op, (ast.Is, ast.IsNot, ast.In, ast.NotIn)) for op in node.ops)
    )


def annotated(node: ast.expr | None) -> frozenset[str]:
    """The type that an annotation promises, ``None`` apart."""
    match node:
        case ast.Constant(value=str(text)):
            try:
                return annotated(ast.parse(text, mode="eval").body)
            except SyntaxError:
                return frozenset()
        case ast.Subscript(value=head, slice=inner) if last_name(head) == "Optional":
            return annotated(inner)
        case ast.BinOp(left=left, op=ast.BitOr(), right=ast.Constant(value=None)):
            return annotated(left)
        case ast.Name() | ast.Attribute():
            name = last_name(node)
            return frozenset({name}) if name in _ANNOTATIONS else frozenset()
    return frozenset()


def together(left: frozenset[str], op: ast.operator, right: frozenset[str]) -> frozenset[str]:
    """The type of ``left op right``, by the types of the two; empty if it is not known."""
    numbers = {"int", "float"}
    if left == {"str"} and isinstance(op, ast.Mod):
        return left
    if left == right == {"str"} and isinstance(op, ast.Add):
        return left
    if len(left) != 1 or len(right) != 1 or not left | right <= numbers:
        return frozenset()
    match op:
        case ast.Div():
            return frozenset({"float"})
        case ast.Add() | ast.Sub() | ast.Mult() | ast.FloorDiv() | ast.Mod():
            return left if left == right else frozenset({"float"})
    return frozenset()


def _is_kept(kind: str, column: str) -> bool:
    """Whether a value of type *kind* comes back as it is from a *column* of that type."""
    match column:
        case "datetime":
            # A time zone is lost; whether it has one is not always known.
            return kind in ("datetime", "naive datetime")
        case "aware datetime":
            return kind in ("datetime", "aware datetime")
    return kind == column
