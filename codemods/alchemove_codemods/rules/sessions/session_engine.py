"""session-engine: a session that is made without a factory, ``Session(engine)``.

    with Session(engine) as session:             ->  with get_sync_session() as session:
        session.add(user)                                session.add(user)
        session.commit()

The engine has to be that of the session module. What `session-local` and `session-commit` refuse is refused here, too, and sessions of SQLModel whose
``exec()`` is called, which those of the session module do not have.
"""

from __future__ import annotations

from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.opened import Opened


@rule(
    "session-engine",
    stage="sessions",
    reasons={
        "sqlmodel-exec": "This session of SQLModel runs exec(), which the sessions of the session module do not have. Write session.scalars() for one entity or column, session.execute() for several, and run the stage again."
    },
)
def session_engine(opened: Opened) -> None:
    """One block."""
    opened.block()
