"""Background tasks that work with the session of their request have it to themselves afterwards: `after_request`.

A legacy session that FastAPI has closed, or not closed yet, goes on to work in a background task. The session of an AsyncSession is
closed for ever, and needs an `await` around what uses it. `alchemove.after_request` has it begin anew for the task, runs that
in `run_sync`, and closes it in the end.

    background_tasks.add_task(notifier.send, name)
    background_tasks.add_task(after_request(db, notifier.send), name)

    background_tasks.add_task(archive, db, name)
    background_tasks.add_task(after_request(db, archive), db.sync_session, name)

Where the project pins no version of FastAPI from 0.106 to 0.117, which close the session before the tasks, it is done only where the request
leaves nothing uncommitted and the task needs no object to be attached to the session. Anything else that keeps a
session for later is refused (`session-for-later`).
"""

from __future__ import annotations

from alchemove_codemods.colours.plans import Plan
from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.coroutines import File


@rule("background-task", stage="async", reasons={})
def background_task(file: File, plan: Plan) -> None:
    """``tasks.add_task(f, x)`` → ``tasks.add_task(after_request(session, f), x)``."""
    for afterwards in plan.afterwards:
        made = file.imports.use("after_request", "alchemove")
        file.wrap_between(afterwards.task, f"{made}({afterwards.session}, ", ")", "background-task")
        for given in afterwards.given:
            file.insert(file.module.source.end(given), ".sync_session", "background-task")
