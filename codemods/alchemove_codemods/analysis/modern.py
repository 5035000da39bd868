"""What 2.0 code gets from a database: ``session.scalars(select(User)).first()`` is a User or None.

The ``select`` stage has no use for it; stages that start from modern code switch it on (``Knowledge.observing``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alchemove_codemods.joining import join
from alchemove_codemods.values import (
    BOTTOM,
    NOTHING,
    PLAIN,
    UNKNOWN,
    Class,
    Entity,
    Instance,
    Plain,
    Rows,
    Sql,
    Value,
    parts,
)

if TYPE_CHECKING:
    import ast

    from alchemove_codemods.analysis.arguments import Argument
    from alchemove_codemods.analysis.frame import Frame

_KEEPING = frozenset(
    {
        *("where", "filter", "filter_by", "order_by", "group_by", "having", "limit", "offset", "slice", "distinct"),
        *("join", "outerjoin", "join_from", "outerjoin_from", "options", "execution_options", "with_for_update"),
        *("select_from", "correlate", "prefix_with", "suffix_with", "with_hint", "params", "set_label_style", "fetch"),
    }
)
_SAME = frozenset({"unique", "yield_per", "columns", "mappings", "freeze", "tuples", "scalars"})
_MANY = frozenset({"all", "fetchall", "fetchmany", "partitions"})
_ONE_OR_NONE = frozenset({"first", "one_or_none", "fetchone", "scalar_one_or_none", "scalar"})
_ONE = frozenset({"one", "scalar_one"})


def selected(values: list[Value]) -> Value | None:
    """The entity that ``select(*values)`` gives, None unless it is one mapped class."""
    match values:
        case [Class() as one]:
            return one
        case [Entity(model=model)] if model is not None:
            return Class(model)
    return None


def refined(statement: Sql, name: str) -> Value | None:
    """The entity of *statement* after its method *name*."""
    return statement.target if name in _KEEPING else None


def run(name: str, arguments: list[Argument]) -> Value | None:
    """What the session's method *name* gives for a statement whose entity is known; None if it is not."""
    if not arguments or name not in ("scalars", "scalar", "execute", "exec"):
        return None
    of: Value = BOTTOM
    for part in parts(arguments[0].value):
        match part:
            case Sql(kind="select", target=Class(facts=facts)):
                of = join(of, Instance(facts, stored=True))
            case _:
                return None
    match name:
        case "scalars" | "exec":
            return Rows(of)
        case "scalar":
            return join(of, NOTHING)
    return Rows(of, wrapped=True)


def method(frame: Frame, node: ast.Call, name: str, base: Rows) -> Value:
    """A method of the result *base*."""
    from alchemove_codemods.analysis import calls

    calls.arguments_of(frame, node)
    row: Value = Plain(base.of, parts=(base.of,)) if base.wrapped and "scalar" not in name else base.of
    match name:
        case "scalars":
            return Rows(base.of)
        case _ if name in _SAME:
            return base
        case _ if name in _MANY:
            return Plain(row)
        case _ if name in _ONE_OR_NONE:
            return join(row, NOTHING)
        case _ if name in _ONE:
            return row
    return PLAIN if name == "close" else UNKNOWN


def item(base: Rows) -> Value:
    """What going through *base* gives."""
    return Plain(base.of, parts=(base.of,)) if base.wrapped else base.of
