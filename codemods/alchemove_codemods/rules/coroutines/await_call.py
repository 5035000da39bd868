"""Calls of coroutines, and of the methods of a session that talk to the database, are awaited.

`execute`, `scalars`, `scalar`, `get`, `get_one`, `flush`, `commit`, `rollback`, `refresh`, `merge`, `delete` and `close` of an
AsyncSession are awaited; `add`, `add_all`, `expunge`, `expire`, `in_transaction` and their like are not. What `scalars()` and
`execute()` give is loaded already, so `.all()` and `.first()` after them stay as they are.

    users = db.scalars(select(User)).all()             users = (await db.scalars(select(User))).all()

`commit()` stays a commit, but where the end of the request does as well (`alchemove explain commit-call`). An AsyncSession keeps
what objects have after it, where the sync session read them again. Where rows were changed behind their objects, by
`synchronize_session=False`, textual SQL or a statement on a table, `expire_all()` follows the commit, so that the next query fills them.

    db.execute(update(User).values(name=name).execution_options(synchronize_session=False))
    db.commit()                                        await db.commit()
                                                       db.expire_all()
    return db.get(User, 1)                             return await db.get(User, 1)

It is refused where objects that are not queried again are used after the commit.
"""

from __future__ import annotations

import ast

from alchemove_codemods.colours.crossings import Plan
from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.coroutines import File


@rule(
    "await-call",
    stage="async",
    reasons={
        "stale-after-commit": "rows are changed here behind the objects of the session (`synchronize_session=False`, textual SQL, "
        "a statement on a table), and after the commit objects are used that are not queried again. The sync session "
        "read them again, an AsyncSession keeps the old values: refresh them, or query them again",
    },
)
def await_call(file: File, plan: Plan) -> None:
    """``f(x)`` → ``await f(x)``, in parentheses where something follows."""
    for node in plan.expiring:
        _expire(file, node)
    for node in plan.awaited:
        file.wrap(node, lambda text: f"await {text}", "await-call")


def _expire(file: File, commit: ast.Call) -> None:
    """``session.expire_all()`` on the line after *commit*."""
    source = file.module.source
    assert isinstance(commit.func, ast.Attribute)
    start, end = source.start(commit), source.end(commit)
    line = source.text.find(source.newline, end)
    indent = source.text[source.starts[commit.lineno - 1] : start]
    at = line if line >= 0 else len(source.text)
    file.insert(at, f"{source.newline}{indent}{source.segment(commit.func.value)}.expire_all()", "await-call")
