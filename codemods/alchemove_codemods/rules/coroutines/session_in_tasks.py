"""One session that several tasks use at the same time is pointed out.

`asyncio.gather`, `create_task` and their like run coroutines at the same time. A session is for one of them: with a second one
SQLAlchemy raises `IllegalStateChangeError` or asyncpg `InterfaceError: another operation is in progress`, or, worse, they write in
each other's transaction (https://docs.sqlalchemy.org/en/20/orm/session_basics.html#is-the-session-thread-safe-is-asyncsession-safe-to-share-in-concurrent-tasks).

    await asyncio.gather(load(session, 1), load(session, 2))

Open a session in each task (`async with get_async_session() as session`), or await one after the other. It is no site.
"""

from __future__ import annotations

from alchemove_codemods.colours.tasks import SharedSession
from alchemove_codemods.findings import Finding
from alchemove_codemods.registry import rule


@rule(
    "session-in-tasks",
    stage="async",
    reasons={
        "session-in-tasks": "several tasks use this session at the same time. Open one in each, or await them one after the other"
    },
)
def session_in_tasks(found: SharedSession) -> Finding:
    """What is said of one such call."""
    module = found.function.module
    line, column = module.source.place(found.node)
    message = (
        f"several tasks use {found.session} at the same time. Open a session in each, or await them one after the other"
    )
    return Finding(module.path, line, column, "session-in-tasks", "refused", "session-in-tasks", message)
