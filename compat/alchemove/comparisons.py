"""Texts that are compared with columns of another type, as psycopg2 has them compared.

SQLAlchemy gives a text the type of a text whatever it is compared with: ``User.id == "2"``, ``Order.made_at >= "2026-01-01"``. psycopg2 writes it into
the statement as a literal of no type, which PostgreSQL reads as what it is compared with (https://www.postgresql.org/docs/current/typeconv-oper.html).
asyncpg sends a ``VARCHAR``, and PostgreSQL compares none with an integer (``operator does not exist``). `read_texts_as_compared` lets the statements of an
engine send such a text as the type of the other side. A whole number that is compared with an integer is sent as the largest of them: ``User.id == 10**10`` finds nothing,
and is no error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import BindParameter, types
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import BinaryExpression, ExpressionClauseList

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.types import TypeEngine

_READ = (types.Integer, types.Numeric, types.Float, types.DateTime, types.Date)
_LARGEST = types.BigInteger()
_COMPARING = frozenset(
    {
        *(operators.eq, operators.ne, operators.lt, operators.le, operators.gt, operators.ge),
        *(operators.in_op, operators.not_in_op, operators.between_op, operators.not_between_op),
        *(operators.is_distinct_from, operators.is_not_distinct_from),
    }
)


def read_texts_as_compared(engine: Engine) -> None:
    """Let the statements of *engine*, the sync engine inside an AsyncEngine on asyncpg, compare texts as those of psycopg2 do.

    Args:
        engine: an engine before its first statement.
    """
    base: type[Any] = engine.dialect.statement_compiler

    class Comparing(base):  # type: ignore[misc]  # what the dialect has is not known before it runs
        def visit_binary(self, binary: BinaryExpression[Any], *args: Any, **options: Any) -> Any:
            return super().visit_binary(_compared(binary), *args, **options)

    Comparing.__name__ = Comparing.__qualname__ = base.__name__
    engine.dialect.statement_compiler = Comparing


def _compared(binary: BinaryExpression[Any]) -> BinaryExpression[Any]:
    """*binary* with its texts as what is on their other side."""
    if binary.operator not in _COMPARING:
        return binary
    left, right = _as(binary.left, binary.right.type), _as(binary.right, binary.left.type)
    if left is binary.left and right is binary.right:
        return binary
    changed: BinaryExpression[Any] = binary._clone()
    changed.left, changed.right = left, right
    return changed


def _as(side: Any, other: TypeEngine[Any]) -> Any:
    """*side*, or what it is as the type *other* if it is a text."""
    if not isinstance(other, _READ):
        return side
    match side:
        case BindParameter(type=types.String()) if not isinstance(side.type, types.Enum):
            return side._with_binary_element_type(_wide(other))
        case BindParameter(type=types.Integer()) if (
            isinstance(other, types.Integer) and _wide(side.type) is not side.type
        ):
            return side._with_binary_element_type(_wide(side.type))
        case ExpressionClauseList(clauses=clauses) if any(_as(c, other) is not c for c in clauses):
            changed: ExpressionClauseList[Any] = side._clone()
            changed.clauses = tuple(_as(c, other) for c in clauses)
            return changed
    return side


def _wide(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    """The type for all values that may be compared with those of *kind*."""
    return _LARGEST if type(kind) in (types.Integer, types.SmallInteger, types.INTEGER, types.SMALLINT) else kind
