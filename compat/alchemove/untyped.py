"""Values without a type of their own, which are written into the statement as psycopg2 writes all of them.

PostgreSQL takes a literal such as ``'2026-01-01'`` for whatever fits where it stands, and two literals for the same value; a parameter that asyncpg
sends is of one type, and every one of them a value of its own. So what has no column to take its type from is different:

- the values of ``text("... WHERE made_at >= :since")``, for which asyncpg wants exactly the type that PostgreSQL has found out;
- texts and numbers with a point in functions, but for those of texts alone: ``func.coalesce(Task.due, "2026-01-01")``, ``func.nextval("numbers")``;
- what is compared with a function of no known type: ``func.date(Order.made_at) == "2026-01-01"``;
- a text that is compared with a boolean, a time of day, an interval or a UUID;
- the results of ``case()`` and what is given to ``cast()``, where ``1.5`` is a ``numeric`` and not a ``double precision``;
- all that is selected, grouped or ordered by in a statement whose GROUP BY or DISTINCT has values: PostgreSQL takes ``date_trunc($1, made_at)`` and
  ``date_trunc($2, made_at)`` for two expressions.

`write_untyped_values` lets the statements of an engine have those as literals. Everything else stays a parameter.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import BindParameter, Dialect, types
from sqlalchemy.dialects.postgresql import psycopg2
from sqlalchemy.sql import operators, visitors
from sqlalchemy.sql.elements import BinaryExpression, ExpressionClauseList, Null
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType

from alchemove.literals import literal

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.types import TypeEngine

_LEGACY: Dialect = psycopg2.dialect()  # type: ignore[no-untyped-call]
_OF_TEXTS = frozenset(
    {
        "lower",
        "upper",
        "initcap",
        "trim",
        "ltrim",
        "rtrim",
        "btrim",
        "length",
        "char_length",
        "md5",
        "replace",
        "concat",
    }
)
"""Functions that take nothing but texts: a parameter does as well, and a statement that is sent often stays prepared."""
_MATCHING = frozenset(
    {operators.like_op, operators.not_like_op, operators.ilike_op, operators.not_ilike_op, operators.regexp_match_op}
)
_COUNTING = frozenset({"length", "char_length"})
_READ_AS_THEIRS = (types.Boolean, types.Time, types.Interval, types.Uuid)


def write_untyped_values(engine: Engine) -> None:
    """Let the statements of *engine*, the sync engine inside an AsyncEngine on asyncpg, contain values without a type as literals.

    Args:
        engine: an engine before its first statement.
    """
    base: type[Any] = engine.dialect.statement_compiler

    class Writing(base):  # type: ignore[misc]  # what the dialect has is not known before it runs
        def __init__(self, *args: Any, **options: Any) -> None:
            self._depth = self._all = 0
            self._in_text = False
            self._written: dict[BindParameter[Any], BindParameter[Any]] = {}
            self._beside: set[BindParameter[Any]] = set()
            super().__init__(*args, **options)

        def visit_bindparam(self, bindparam: BindParameter[Any], *args: Any, **options: Any) -> Any:
            if options.get("literal_binds") or not self._is_written(bindparam):
                return super().visit_bindparam(bindparam, *args, **options)
            if bindparam.unique:
                # The same expression may stand where it stays a parameter.
                bindparam = self._written.setdefault(bindparam, bindparam._clone(maintain_key=False))
            self._written[bindparam] = bindparam
            return super().visit_bindparam(bindparam, *args, **{**options, "literal_execute": True})

        def render_literal_bindparam(self, bindparam: BindParameter[Any], *args: Any, **options: Any) -> Any:
            value = options.get("render_literal_value", *args[:1])
            if bindparam not in self._written or (bindparam.expanding and not value):
                return super().render_literal_bindparam(bindparam, *args, **options)
            processor = bindparam.type._cached_bind_processor(_LEGACY)
            try:
                values = value if bindparam.expanding else [value]
                return ", ".join(literal(v if processor is None else processor(v)) for v in values)
            except TypeError as error:
                raise self.dialect.loaded_dbapi.ProgrammingError(str(error)) from error

        def visit_binary(self, binary: BinaryExpression[Any], *args: Any, **options: Any) -> Any:
            for one, other in ((binary.left, binary.right), (binary.right, binary.left)):
                if (
                    binary.operator not in _MATCHING
                    and not isinstance(one, (BindParameter, Null))
                    and not _is_text(one)
                ):
                    self._beside.update(v for v in _values(other) if _reads_otherwise(one.type, v.type))
            # What is compared inside of a function has the other side to take its type from.
            depth, self._depth = self._depth, 0 if operators.is_comparison(binary.operator) else self._depth
            try:
                return super().visit_binary(binary, *args, **options)
            finally:
                self._depth = depth

        def visit_textclause(self, *args: Any, **options: Any) -> Any:
            self._in_text = True
            try:
                return super().visit_textclause(*args, **options)
            finally:
                self._in_text = False

        def function_argspec(self, func: Any, **options: Any) -> Any:
            if func.name.lower() in _OF_TEXTS:
                return super().function_argspec(func, **options)
            with self._writing():
                return super().function_argspec(func, **options)

        def visit_cast(self, *args: Any, **options: Any) -> Any:
            self._all += 1
            try:
                return super().visit_cast(*args, **options)
            finally:
                self._all -= 1

        def visit_case(self, *args: Any, **options: Any) -> Any:
            with self._writing():
                return super().visit_case(*args, **options)

        def group_by_clause(self, select: Any, **options: Any) -> Any:
            with self._grouping(select):
                return super().group_by_clause(select, **options)

        def order_by_clause(self, select: Any, **options: Any) -> Any:
            with self._grouping(select):
                return super().order_by_clause(select, **options)

        def _label_select_column(self, select: Any, *args: Any, **options: Any) -> Any:
            with self._grouping(select):
                return super()._label_select_column(select, *args, **options)

        @contextmanager
        def _writing(self) -> Iterator[None]:
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1

        @contextmanager
        def _grouping(self, select: Any) -> Iterator[None]:
            groups = _groups_by_values(select)
            self._all += groups
            try:
                yield
            finally:
                self._all -= groups

        def _is_written(self, bindparam: BindParameter[Any]) -> bool:
            if self.for_executemany:
                # Many rows are sent with one statement.
                return False
            if self._in_text or isinstance(bindparam.type, NullType):
                return True
            if not bindparam.unique or self.isinsert:
                return False
            return self._all > 0 or bindparam in self._beside or (self._depth > 0 and _is_read_as_fits(bindparam))

    Writing.__name__ = Writing.__qualname__ = base.__name__
    engine.dialect.statement_compiler = Writing


def _reads_otherwise(kind: TypeEngine[Any], beside: TypeEngine[Any]) -> bool:
    """Whether PostgreSQL makes something of a literal of the type *beside*, next to a value of *kind*, that it makes of no parameter."""
    if isinstance(kind, NullType):
        return True
    texts = (types.String, types.Enum)
    return (
        isinstance(beside, types.String)
        and not isinstance(beside, types.Enum)
        and isinstance(kind, _READ_AS_THEIRS)
        and not isinstance(kind, texts)
    )


def _is_text(side: Any) -> bool:
    """Whether *side* is what a function gives that SQLAlchemy knows no type of, and that is a text."""
    return isinstance(side, FunctionElement) and side.name.lower() in _OF_TEXTS - _COUNTING


def _is_read_as_fits(bindparam: BindParameter[Any]) -> bool:
    """Whether PostgreSQL makes of a literal for *bindparam* what fits where it stands: of a text, or of a number with a point."""
    kind = bindparam.type
    return isinstance(kind, (types.String, types.Float, types.Numeric)) and not isinstance(kind, types.Enum)


def _groups_by_values(select: Any) -> bool:
    """Whether *select* has to know an expression with values again: one of its columns in GROUP BY, or in the order of DISTINCT."""
    clauses = list(getattr(select, "_group_by_clauses", ()))
    if getattr(select, "_distinct", False):
        clauses += [*getattr(select, "_distinct_on", ()), *getattr(select, "_order_by_clauses", ())]
    return any(isinstance(e, BindParameter) for clause in clauses for e in visitors.iterate(clause))


def _values(side: Any) -> Iterator[BindParameter[Any]]:
    match side:
        case BindParameter():
            yield side
        case ExpressionClauseList(clauses=clauses):
            for clause in clauses:
                yield from _values(clause)
