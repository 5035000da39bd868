"""Several statements in one text, which psycopg2 sends at once and asyncpg does not prepare.

``db.execute(text("UPDATE a ...; UPDATE b ..."))`` gives what the last one of them gives. `split_statements` lets an engine send all but the last one without
preparing them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import event
from sqlalchemy.util import await_only

if TYPE_CHECKING:
    from sqlalchemy import Engine

# What may contain a semicolon that ends nothing: texts, names, comments. Or one that does.
_TOKEN: Final = re.compile(
    r"""[eE]'(?:[^'\\]|\\.|'')*' | '(?:[^']|'')*' | "(?:[^"]|"")*" | \$(\w*)\$.*?\$\1\$ | --[^\n]* | /\*.*?\*/ | (?P<end>;)""",
    re.DOTALL | re.VERBOSE,
)
_NOTHING: Final = re.compile(r"(?:\s|;|--[^\n]*(?:\n|\Z)|/\*.*?\*/)*\Z", re.DOTALL)


def split_statements(engine: Engine) -> None:
    """Let *engine*, the sync engine inside an AsyncEngine on asyncpg, execute several statements at once.

    Args:
        engine: an engine before its first statement.
    """
    event.listen(engine, "do_execute", _execute)


def last_statement(text: str) -> int:
    """Where the last one of several statements in *text* begins; 0 if there is one only."""
    found = 0
    for token in _TOKEN.finditer(text) if ";" in text else ():
        if token["end"] and not _NOTHING.match(text, token.end()):
            found = token.end()
    return found


def _execute(cursor: Any, statement: str, parameters: object, _: object) -> bool:
    """Whether *statement* has been executed here."""
    begin = 0 if parameters else last_statement(statement)
    if begin:
        await_only(_send(cursor, statement[:begin]))
        cursor.execute(statement[begin:], parameters)
    return bool(begin)


async def _send(cursor: Any, statements: str) -> None:
    connection = cursor._adapt_connection
    async with connection._execute_mutex:
        # SQLAlchemy 2.1 knows it by the transaction alone.
        if not getattr(connection, "_started", connection._transaction is not None):
            await connection._start_transaction()
        try:
            await cursor._connection.execute(statements)
        except Exception as error:  # noqa: BLE001 - it becomes the error of the driver
            cursor._handle_exception(error)
