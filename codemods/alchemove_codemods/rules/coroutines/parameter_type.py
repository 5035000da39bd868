"""A text that is given where a column has numbers is pointed out: asyncpg by itself does not take it.

psycopg2 writes the text into the statement, and PostgreSQL reads it as a number. asyncpg sends it as a parameter with a type, and
PostgreSQL answers `operator does not exist: integer = character varying`, or asyncpg itself `an integer is required`. The async engine of
alchemove's `Database` reads such texts as psycopg2 does, one of `create_async_engine()` does not. The usual place is what a token says of its user.

    user_id: str = payload.get("user_id")              user_id = int(payload.get("user_id"))
    select(User).where(User.id == user_id)             select(User).where(User.id == user_id)

Convert it where it comes in, and decide there what becomes of a text that is no number. It is no site, and SQLite takes both.
"""

from __future__ import annotations

from alchemove_codemods.colours.parameters import Mistyped
from alchemove_codemods.findings import Finding
from alchemove_codemods.registry import rule

_NAME = "parameter-type"


@rule(
    _NAME,
    stage="async",
    reasons={
        _NAME: "a text is given where the column has numbers: psycopg2 takes that, asyncpg only on the engine of `alchemove.Database`. Convert it with int()"
    },
)
def parameter_type(found: Mistyped) -> Finding:
    """What is said of one such text."""
    module = found.function.module
    line, column = module.source.place(found.node)
    message = (
        f"{module.source.segment(found.node)} is a text, and {found.column} a number: psycopg2 takes that, asyncpg only on the engine "
        "of alchemove.Database. Convert it with int() where it comes in"
    )
    return Finding(module.path, line, column, _NAME, "refused", _NAME, message)
