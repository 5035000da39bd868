"""The database of an application that has one: made from the environment on first use, or named once."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alchemove.database import Database

_lock = threading.Lock()
_default: Database | None = None


def default_database() -> Database:
    """The database that ``alchemove.get_session`` and ``alchemove.SessionDep`` use.

    Raises:
        SettingsError: none was named, and the environment has no usable ``DATABASE_URL``.
    """
    global _default  # noqa: PLW0603 - this module is the one place for it
    if _default is None:
        with _lock:
            if _default is None:
                from alchemove.database import Database

                _default = Database.from_env()
    return _default


def use_database(database: Database | None) -> None:
    """Name the default database; ``None`` forgets it.

    Args:
        database: what `default_database` answers from now on.
    """
    global _default  # noqa: PLW0603
    _default = database
