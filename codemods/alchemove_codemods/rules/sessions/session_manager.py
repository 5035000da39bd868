"""session-manager: a session from a context manager of the program, ``with get_db_session() as db``.

    with get_db_session() as db:                 ->  with get_sync_session() as db:
        db.add(user)                                     db.add(user)

    @contextmanager
    def session_scope():                         ->  def session_scope():
        session = SessionLocal()                         with get_sync_session() as session:
        try:                                                 yield session
            yield session
            session.commit()
        except Exception:
            session.rollback()
            raise
        finally:
            session.close()

What the context manager does is read from its own code. One that commits at its end is the same as the block; one that only closes is treated as ``SessionLocal()`` is
(see `session-local`), and one that does anything else is left.
"""

from __future__ import annotations

from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.opened import Opened


@rule(
    "session-manager",
    stage="sessions",
    reasons={
        "wrapper-does-more": "The function that hands out this session does more than to open, commit, roll back and close it, at the place in brackets. Move the rest of it to its callers, or keep it and let it use get_sync_session() itself.",
        "session-yielded": "The session, or objects of it, are yielded to whoever uses this generator, and can be written to there; nothing was committed here. Commit after the 'yield', or keep it.",
    },
)
def session_manager(opened: Opened) -> None:
    """One block."""
    opened.block()
