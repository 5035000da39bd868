"""session-factory: a factory that is kept in an attribute or taken as an argument, and called there.

    class Store:                                         ->  class Store:
        def __init__(self, session_factory=SessionLocal):        def __init__(self, session_factory=get_sync_session):
            self.session_factory = session_factory                   self.session_factory = session_factory

        def count(self):                                         def count(self):
            with self.session_factory() as db:                       with self.session_factory() as db:
                return db.query(User).count()                            return db.query(User).count()

All calls of the attribute or parameter become blocks, as those of `session-local` do, and the factory is replaced where it is named; or nothing changes. So
it is refused where one of the sessions stays, where something else is done with the factory, or where a caller may give another one.
"""

from __future__ import annotations

from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.opened import Opened


@rule(
    "session-factory",
    stage="sessions",
    reasons={
        "session-factory-shared": "This factory goes by another name, and all that is done with it would have to change together, which it cannot. Rewrite what is named here, or let the class open its sessions with get_sync_session() itself."
    },
)
def session_factory(opened: Opened) -> None:
    """One block."""
    opened.block()
