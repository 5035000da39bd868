"""next-session: a session taken out of a dependency by hand, ``next(get_db())``.

    db = next(get_db())                          ->  with get_sync_session() as db:
    try:                                                 print(db.scalar(select(func.count(User.id))))
        print(db.scalar(select(func.count(User.id))))
    finally:
        db.close()

The generator is thrown away at once, and with that what it does behind its ``yield``: whoever called ``next()`` commits and closes. It is refused for the reasons of
`session-local` and `session-commit`, and where the dependency is called in any other way (``for db in get_db()``).
"""

from __future__ import annotations

from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.opened import Opened


@rule("next-session", stage="sessions")
def next_session(opened: Opened) -> None:
    """One block."""
    opened.block()
