"""session-local: a session that the code opens itself, ``SessionLocal()``.

    db = SessionLocal()                          ->  with get_sync_session() as db:
    try:                                                 db.add(user)
        db.add(user)
        db.commit()
    except Exception:
        db.rollback()
        raise
    finally:
        db.close()

    db = SessionLocal()                          ->  try:
    try:                                                 with get_sync_session() as db:
        db.add(user)                                         db.add(user)
        db.commit()                                      logger.info("saved")
        logger.info("saved")                         except IntegrityError:
    except IntegrityError:                               return False
        db.rollback()
        return False
    finally:
        db.close()

    with SessionLocal() as db:                   ->  with get_sync_session() as db:
        return db.scalar(select(func.count(User.id)))    return db.scalar(select(func.count(User.id)))

The block commits at its end, rolls back when it raises, and closes. So the commit moves to the end of the block: what follows it and has nothing
to do with the session leaves the block, handlers that do more than to roll back are put around it, since a failing commit has to reach them as before, and
a commit after which only ``refresh()`` or a primary key is read becomes ``flush()``. A ``close()`` right before a ``return`` or ``raise`` goes. Functions that are given the session are followed through the program; what
they commit themselves stays theirs. Where one commit at the end would not do the same, the commits stay where they are (`session-commit`).

It is refused where the database, or the objects that leave the block, would not be the same afterwards: on all paths, after success, after an exception at any point
and after a commit that fails.
"""

from __future__ import annotations

from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.opened import Opened


@rule(
    "session-local",
    stage="sessions",
    reasons={
        "not-initialised": "There is no session module yet that could take the place of this session. Run 'alchemove init' first.",
        "other-database": "This session is not bound to the engine of the session module, so it cannot be told that both are one database. A database that tests make for themselves stays as it is; otherwise run 'alchemove init', or make the factory with bind=database.sync_engine.",
        "import-circle": "The session module imports this file, for its engine, so that this file cannot import the session module. Move the function into another file, or have it import get_sync_session itself.",
        "session-options": "The sessions of this factory have options that those of the session module have not, so that queries would flush at other times, or be of another class. Give Database(...) the same session_options, or rewrite the function by hand.",
        "session-events": "The program listens to events of sessions that this rewrite would change: a session that never committed would commit, or those of this factory would not be heard any more. Listen on sqlalchemy.orm.Session itself, or leave the session as it is.",
        "session-patched": "A test replaces this name in this file, which would not have it any more. Let the test replace the engine or the URL of the session module's database instead, and run the stage again.",
        "session-not-scoped": "The session is handed on, returned or kept where it is opened, so that nothing says where it ends. Open it in a 'with' around the code that uses it: with get_sync_session() as session.",
        "session-unused": "Nothing in this function uses the session by this name. Delete it, or open it in a 'with'.",
        "used-after-end": "The session is used again after it was closed, which begins it anew; a session of the session module raises then. Close it after its last use, or open a second one.",
        "session-captured": "A function that is defined inside uses the session, and can run when it has ended. Give it the session as an argument.",
        "session-kept": "The session is stored in an object, and can be used when it has ended. Keep it in a variable of the function.",
        "session-leaves": "Something that still needs the session leaves the block: the session itself, an object that holds it, a query, a result or a generator. Return what it gives, as a list for instance, or move what uses it into the block.",
        "object-leaves": "An object leaves the block that would be another one afterwards: expired where it was loaded, or the other way round, or detached where it could go on loading. Or it is read after an exception, which lets objects of the block expire and leaves those of a session that is only closed as they are. Return values instead, or close the session right after its last use; give Database(...) session_options={'expire_on_commit': False} if commits should leave objects loaded.",
        "name-taken": "The name of the new opener means something else in this file. Rename that, or rewrite the function by hand.",
        "session-layout": "The statements share their lines with others, or are indented in a way that cannot be kept. Format the function first.",
    },
)
def session_local(opened: Opened) -> None:
    """One block."""
    opened.block()
