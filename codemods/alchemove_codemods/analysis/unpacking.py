"""Taking values apart: what going through one gives, what its names are bound to, what ``with`` enters."""

from __future__ import annotations

import ast

from alchemove_codemods.analysis import attributes, calls, expressions, modern, query_classes
from alchemove_codemods.analysis.elements import element_value, row_of
from alchemove_codemods.analysis.frame import Frame
from alchemove_codemods.analysis.records import Iteration
from alchemove_codemods.facts import FunctionFacts
from alchemove_codemods.joining import join
from alchemove_codemods.values import (
    BOTTOM,
    NOTHING,
    PLAIN,
    UNKNOWN,
    Executor,
    Instance,
    Mixed,
    Plain,
    Query,
    Result,
    ResultRow,
    Row,
    Rows,
    Session,
    Value,
    parts,
    queries_in,
)  # fmt: skip


def items_of(frame: Frame, node: ast.expr, value: Value, needs_list: bool = False) -> Value:
    """What going through *value* (the value of *node*) gives; a query that is gone through is recorded."""
    joined: Value = BOTTOM
    among = (
        isinstance(value, Mixed)
        and bool(queries_in(value))
        and not all(isinstance(v, Query) or v == NOTHING for v in value.values)
    )
    for part in parts(value):
        match part:
            case Query():
                frame.note(Iteration(node, part, frame.function, needs_list, among=among))
                if query_classes.overrides(frame.knowledge, part, "__iter__"):
                    frame.escape(node, part, "custom-query-class", "__iter__")
                joined = join(joined, row_of(frame, part))
            case Plain(of=of):
                joined = join(joined, of if of is not None else PLAIN)
            case Result(legacy=legacy):
                joined = join(joined, ResultRow(legacy))
            case Rows():
                joined = join(joined, modern.item(part))
            case _ if part not in (NOTHING, BOTTOM):
                joined = join(joined, UNKNOWN)
    if among and not isinstance(node, ast.Name) and node not in frame.knowledge.variables:
        # What is asked twice may be another object each time.
        frame.escape(node, value, "mixed-value")
    return joined


def unpacked(frame: Frame, node: ast.AST, value: Value, count: int) -> list[Value]:
    """The values that unpacking *value* into *count* names gives."""
    match value:
        case Plain(parts=pieces) if pieces is not None and len(pieces) == count:
            return list(pieces)
        case Plain(of=of):
            return [of if of is not None else PLAIN] * count
        case Row(elements=elements) if (
            elements is not None and len(elements) == count and not any(e.starred for e in elements)
        ):
            return [element_value(e) for e in elements]
    return [UNKNOWN] * count


def assign(frame: Frame, target: ast.expr, value: Value, node: ast.expr | None) -> None:
    """Assign *value*, that of the expression *node*, to *target*."""
    match target:
        case ast.Name(id=name):
            if node is not None:
                frame.mention(node, value)
            if frame.is_seen_by_others(name, value):
                frame.escape(target, value, "query-stored")
            frame.bind(name, value)
        case ast.Tuple(elts=targets) | ast.List(elts=targets):
            if any(isinstance(v, Query) for v in parts(value)) and node is not None:
                value = Plain(items_of(frame, node, value))
            for inner, piece in zip(targets, unpacked(frame, target, value, len(targets))):
                assign(frame, inner, piece, None)
        case ast.Starred(value=inner):
            assign(frame, inner, Plain(value.of) if isinstance(value, Plain) else UNKNOWN, None)
        case ast.Attribute():
            attributes.store(frame, target, value, node)
        case ast.Subscript(value=container, slice=key):
            expressions.evaluate(frame, container)
            expressions.evaluate(frame, key)
            frame.escape(node if node is not None else target, value, "query-stored")


def entered(frame: Frame, node: ast.expr, value: Value) -> Value:
    """What ``with value as x`` binds."""
    joined: Value = BOTTOM
    for part in parts(value):
        match part:
            case Session() | Instance(cls=str()) | Executor():
                joined = join(joined, part)
            case Instance(cls=cls) if not isinstance(cls, str):
                enter = frame.knowledge.method(cls, "__enter__") or frame.knowledge.method(cls, "__aenter__")
                joined = join(joined, calls.result_of(frame, enter) if enter else part)
            case _:
                joined = join(joined, part)
    frame.escape(node, value, "query-escapes")
    return joined


def context_value(frame: Frame, function: FunctionFacts) -> Value:
    """What a generator or context manager function hands out: what it yields, else what it returns."""
    knowledge = frame.knowledge
    knowledge.require(function)
    if frame.recording:
        knowledge.ahead(function)
    value = knowledge.read("yields", function, "", frame.function)
    if isinstance(value, type(BOTTOM)):
        value = knowledge.read("returns", function, "", frame.function)
    return value
