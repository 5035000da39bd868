"""Operators: what they make of their operands, above all the SQL expression that stands for them."""

from __future__ import annotations

import ast
from typing import Any

from alchemove_codemods.analysis import expressions, hashing, removed, unpacking
from alchemove_codemods.analysis.elements import runs_through_orm
from alchemove_codemods.analysis.frame import Frame
from alchemove_codemods.joining import join
from alchemove_codemods.values import (
    BOTTOM,
    PLAIN,
    TEXT,
    UNKNOWN,
    Class,
    Entity,
    External,
    Plain,
    Query,
    Sql,
    Value,
    is_text,
    parts,
    queries_in,
)  # fmt: skip


def unary(frame: Frame, node: ast.UnaryOp) -> Value:
    """What ``not x``, ``-x`` and ``~x`` are."""
    if isinstance(node.op, ast.Not):
        expressions.truth(frame, node.operand)
        return PLAIN
    value = expressions.evaluate(frame, node.operand)
    frame.escape(node.operand, value, "query-escapes")
    if isinstance(value, Plain) and isinstance(node.op, ast.USub) and isinstance(value.literal, (int, float)):
        return Plain(literal=-value.literal)
    return sql_of([value])


def binary(frame: Frame, node: ast.BinOp) -> Value:
    """What ``left + right`` and the like are."""
    left, right = expressions.evaluate(frame, node.left), expressions.evaluate(frame, node.right)
    if queries_in(left) or queries_in(right):
        if isinstance(left, Plain) and isinstance(right, Plain):
            return Plain(join(left.of or UNKNOWN, right.of or UNKNOWN))
        if _is_sql(left) or _is_sql(right):
            frame.mention(node.left, left)
            frame.mention(node.right, right)
        else:
            frame.escape(node.left, left, "query-escapes")
            frame.escape(node.right, right, "query-escapes")
    if (isinstance(node.op, ast.Mod) and is_text(left)) or (
        isinstance(node.op, ast.Add) and is_text(left) and is_text(right)
    ):
        return TEXT
    if isinstance(left, Plain) and isinstance(right, Plain):
        return Plain(join(left.of, right.of)) if left.of is not None and right.of is not None else PLAIN
    logical = isinstance(node.op, (ast.BitAnd, ast.BitOr))
    made = sql_of([left, right], operands=not logical, covers=logical)
    return made if logical else hashing.marked(made, hashing.of_operands([left, right]))


def compare(frame: Frame, node: ast.Compare) -> Value:
    """What ``left == right``, ``x in y`` and the like are."""
    operands = [node.left, *node.comparators]
    values = [expressions.evaluate(frame, operand) for operand in operands]
    for index, operator in enumerate(node.ops):
        left, right = values[index], values[index + 1]
        left_node, right_node = operands[index], operands[index + 1]
        if isinstance(operator, (ast.In, ast.NotIn)):
            removed.membership(frame, right_node, right, left)
            if queries_in(right):
                unpacking.items_of(frame, right_node, right)
            frame.escape(left_node, left, "query-escapes")
        elif isinstance(operator, (ast.Is, ast.IsNot)):
            frame.mention(left_node, left)
            frame.mention(right_node, right)
        elif queries_in(left) or queries_in(right):
            if _is_sql(left) or _is_sql(right):
                frame.mention(left_node, left)
                frame.mention(right_node, right)
            else:
                frame.escape(left_node, left, "query-escapes")
                frame.escape(right_node, right, "query-escapes")
    if isinstance(node.ops[0], (ast.In, ast.NotIn, ast.Is, ast.IsNot)):
        return PLAIN
    related = any(isinstance(v, Sql) and v.kind == "relationship" for value in values for v in parts(value))
    return sql_of(values, operands=True, covers=related)


def _is_sql(value: Value) -> bool:
    return any(isinstance(v, Sql) for v in parts(value))


def sql_of(
    values: list[Value],
    kind: Any = "expression",
    name: str | None = None,
    operands: bool = False,
    covers: bool = False,
) -> Value:
    """The SQL expression that an operator or function makes of *values*; PLAIN if none of them is SQL.

    One that ``covers`` them does not tell a statement that there is something of the ORM in it.

    Values that are not known make it opaque: they may be criteria on any table. As *operands* of an operator whose other
    side is a column they are taken for what they are compared with, unless they were seen to be columns themselves.
    """
    owners: set[Value] = set()
    opaque = sql = False
    orm = custom = False
    for value in values:
        for part in parts(value):
            custom = custom or (isinstance(part, Sql) and part.custom)
            match part:
                case Sql(kind="select" | "exists"):
                    sql = True
                    owners |= part.owners
                    opaque = opaque or part.opaque
                    orm = orm or not part.core
                case Sql():
                    sql = True
                    owners |= part.owners
                    opaque = opaque or part.opaque
                    orm = orm or not part.core
                case Class() | Entity():
                    sql = True
                    owners.add(part)
                    orm = True
                case Query(state=state):
                    sql = True
                    orm = orm or runs_through_orm(state)
                case Plain(of=of) if of is not None:
                    inner = sql_of([of])
                    if isinstance(inner, Sql):
                        sql = True
                        owners |= inner.owners
                        opaque = opaque or inner.opaque
                        orm = orm or not inner.core
                case other if isinstance(other, (type(UNKNOWN), type(BOTTOM), External)):
                    opaque = opaque or not operands
    if not sql:
        return UNKNOWN if opaque else PLAIN
    return Sql(kind, frozenset(owners), opaque, name, core=covers or not orm, custom=custom, covered=covers and orm)
