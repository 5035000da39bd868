"""session-commit: what ``commit()`` and ``rollback()`` in the life of a session become.

    db.add(user)                                 ->  db.add(user)
    db.commit()                                      db.flush()
    db.refresh(user)                                 db.refresh(user)
    return user.id                                   return user.id

A commit is dropped where the end of the block is the next thing that happens to the session, and becomes ``flush()`` where only objects that it has written are
looked at in between. What else comes behind it would come before the commit, or would be lost together with what was committed if it fails: a message that is sent, a second
change, a function that is called. There the commits stay, as they do in loops and where a handler takes their errors, and the block is told to commit nothing at its end:

    with SessionLocal() as db:                   ->  with get_sync_session() as db:
        db.add(user)                                     discard_uncommitted(db)
        db.commit()                                      db.add(user)
        publish(user.id)                                 db.commit()
                                                         publish(user.id)

Where a path ends with nothing committed, the session threw away what was written there; so does the block, told by
``discard_uncommitted(db)`` from ``alchemove``: as its first line where nothing is committed at all, else before the statement that leaves it.

    db.add(user)                                 ->  db.add(user)
    if not allowed(user):                            if not allowed(user):
        return None                                      discard_uncommitted(db)
    db.commit()                                          return None

Remove that line where the changes are wanted, or where there are none: a function that could not be followed only reads. This rule has no sites of its own: its reasons are given for the openings whose sessions are committed.
"""

from __future__ import annotations

from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.opened import Opened


@rule(
    "session-commit",
    stage="sessions",
    reasons={
        "commit-before-work": "What comes after this commit needs it to be done, or would be rolled back with it: work that uses the session again, or that the outside can see or that can fail, between the commit and the end. Give each commit a block of its own, or Database(...) the 'expire_on_commit' of this factory: then the commits can stay.",
        "commit-in-loop": "The commit stands in a loop and makes each round durable before the next; one block would commit once, at the end. Open a session in each round, or give Database(...) the 'expire_on_commit' of this factory: then the commits can stay.",
        "commit-in-expression": "The commit is a part of a larger expression. Write it as a statement of its own, or give Database(...) the 'expire_on_commit' of this factory: then it can stay.",
        "not-committed": "Control leaves here after a commit on one path, and on another with something that was written, or may have been, and that nobody committed: one end cannot both save and throw away. Commit before the paths meet, call rollback() on the path that saves nothing, or give Database(...) the 'expire_on_commit' of this factory: then the commits can stay.",
        "commit-handled-inside": "A handler inside of the session takes the errors of this commit, which would happen at the end of the block, outside of it. Put the 'with' inside of the 'try', or give Database(...) the 'expire_on_commit' of this factory: then the commit can stay.",
        "handler-uses-session": "A handler goes on with the session, or with objects of it, after the rollback; behind the block the session is closed. Let it open a session of its own.",
        "swallowed-error": "A handler goes on after an error of the session without rolling back: what was to be saved may be lost, and a session of the session module raises then. Run what may fail in 'with session.begin_nested()'.",
        "session-in-finally": "The 'finally' of this session does more with it than to close it. Move that into the 'try'.",
        "try-else": "The 'else' of this 'try' uses the session outside of the handlers, and they do more than to roll back. Move it to the end of the 'try'.",
        "closed-inside": "The session is closed here, and what follows uses it or an object of it, or catches what is raised and goes on. Return right after the close(), or use a second session.",
        "callee-closes": "A function that is called with the session closes it, which only whoever opened it should do. Remove the close() there.",
        "unknown-callee": "The session is handed to something that cannot be followed, which may commit it, close it or keep it. The way to it is told in brackets. If it does none of that, annotate what it is called on, or rewrite the function by hand.",
    },
)
def session_commit(opened: Opened) -> None:
    """One block."""
    opened.block()
