"""Values without a type of their own, which are written into the statement as psycopg2 writes all of them.

PostgreSQL takes a literal such as ``'2026-01-01'`` for whatever fits where it stands, and two literals for the same value; a parameter that asyncpg
sends is of one type, and every one of them a value of its own. So what has no column to take its type from is different:

- the values of ``text("... WHERE made_at >= :since")``, for which asyncpg wants exactly the type that PostgreSQL has found out;
- arguments of functions: ``func.coalesce(Task.due, "2026-01-01")``, ``func.nextval("numbers")``;
- what is compared with a function of no known type: ``func.date(Order.made_at) == "2026-01-01"``;
- a text that is compared with a boolean, a time of day, an interval or a UUID;
- the results of ``case()`` and what is given to ``cast()``, where ``1.5`` is a ``numeric`` and not a ``double precision``;
- all that is selected, grouped or ordered by in a statement with GROUP BY or DISTINCT: PostgreSQL takes ``date_trunc($1, made_at)`` and
  ``date_trunc($2, made_at)`` for two expressions.

`write_untyped_values` lets the statements of an engine have those as literals. Everything else stays a parameter.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import BindParameter, Dialect, types
from sqlalchemy.dialects.postgresql import psycopg2
from sqlalchemy.sql.elements import BinaryExpression, ExpressionClauseList, Null
from sqlalchemy.types import NullType

from alchemove.literals import literal

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.types import TypeEngine

_LEGACY: Dialect = psycopg2.dialect()  # type: ignore[no-untyped-call]
_READ_AS_THEIRS = (types.Boolean, types.Time, types.Interval, types.Uuid)


def write_untyped_values(engine: Engine) -> None:
    """Let the statements of *engine*, the sync engine inside an AsyncEngine on asyncpg, contain values without a type as literals.

    Args:
        engine: an engine before its first statement.
    """
    base: type[Any] = engine.dialect.statement_compiler

    class Writing(base):  # type: ignore[misc]  # what the dialect has is not known before it runs
        def __init__(self, *args: Any, **options: Any) -> None:
            self._depth = 0
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
                if not isinstance(one, (BindParameter, Null)):
                    self._beside.update(v for v in _values(other) if _reads_otherwise(one.type, v.type))
            return super().visit_binary(binary, *args, **options)

        def visit_textclause(self, *args: Any, **options: Any) -> Any:
            self._in_text = True
            try:
                return super().visit_textclause(*args, **options)
            finally:
                self._in_text = False

        def function_argspec(self, *args: Any, **options: Any) -> Any:
            with self._writing():
                return super().function_argspec(*args, **options)

        def visit_cast(self, *args: Any, **options: Any) -> Any:
            with self._writing():
                return super().visit_cast(*args, **options)

        def visit_case(self, *args: Any, **options: Any) -> Any:
            with self._writing():
                return super().visit_case(*args, **options)

        def group_by_clause(self, select: Any, **options: Any) -> Any:
            with self._writing(select):
                return super().group_by_clause(select, **options)

        def order_by_clause(self, select: Any, **options: Any) -> Any:
            with self._writing(select):
                return super().order_by_clause(select, **options)

        def _label_select_column(self, select: Any, *args: Any, **options: Any) -> Any:
            with self._writing(select):
                return super()._label_select_column(select, *args, **options)

        @contextmanager
        def _writing(self, select: Any = None) -> Iterator[None]:
            writes = select is None or bool(
                getattr(select, "_group_by_clauses", ()) or getattr(select, "_distinct", False)
            )
            self._depth += writes
            try:
                yield
            finally:
                self._depth -= writes

        def _is_written(self, bindparam: BindParameter[Any]) -> bool:
            if self.for_executemany:
                # Many rows are sent with one statement.
                return False
            if self._in_text or isinstance(bindparam.type, NullType):
                return True
            return bindparam.unique and (self._depth > 0 or bindparam in self._beside) and not self.isinsert

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


def _values(side: Any) -> Iterator[BindParameter[Any]]:
    match side:
        case BindParameter():
            yield side
        case ExpressionClauseList(clauses=clauses):
            for clause in clauses:
                yield from _values(clause)
