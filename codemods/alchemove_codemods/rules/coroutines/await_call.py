"""Calls of coroutines, and of the methods of a session that talk to the database, are awaited.

`execute`, `scalars`, `scalar`, `get`, `get_one`, `flush`, `commit`, `rollback`, `refresh`, `merge`, `delete` and `close` of an
AsyncSession are awaited; `add`, `add_all`, `expunge`, `expire`, `in_transaction` and their like are not. What `scalars()` and
`execute()` give is loaded already, so `.all()` and `.first()` after them stay as they are.

    users = db.scalars(select(User)).all()             users = (await db.scalars(select(User))).all()

`commit()` stays a commit: the request's session begins a new transaction after it, as the sync one did.
"""

from __future__ import annotations

from alchemove_codemods.colours.crossings import Plan
from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.coroutines import File


@rule("await-call", stage="async")
def await_call(file: File, plan: Plan) -> None:
    """``f(x)`` → ``await f(x)``, in parentheses where something follows."""
    for node in plan.awaited:
        file.wrap(node, lambda text: f"await {text}", "await-call")
