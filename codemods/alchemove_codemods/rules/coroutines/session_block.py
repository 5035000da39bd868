"""`with get_sync_session()` becomes `async with get_async_session()` in functions that become coroutines.

Both are blocks of the same `alchemove.Database`: a session with the same options, committed at the end, rolled back when the
block raises, closed always. `get_async_session` is the name that the session module gives `database.session`.

    def tag_names():                                   async def tag_names():
        with get_sync_session() as db:                     async with get_async_session() as db:
            return list(db.scalars(names))                     return list(await db.scalars(names))

A block stays sync, and the function with it, where something else stands in the same `with`, where the dependency that FastAPI
takes the session from opens it, and where a test replaces `get_sync_session` (`monkeypatch.setattr`, `patch`).
"""

from __future__ import annotations

import ast

from alchemove_codemods.colours.plans import Plan
from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.coroutines import File


@rule(
    "session-block",
    stage="async",
    reasons={
        "replaced-opener": "something replaces get_sync_session here, so that functions get another session from it; coroutines "
        "would not. Replace the engine or the URL of the database instead",
    },
)
def session_block(file: File, plan: Plan) -> None:
    """``with get_sync_session() as s:`` → ``async with get_async_session() as s:``."""
    for block in plan.opened:
        file.insert(file.module.source.start(block.node), "async ", "session-block")
        for call in block.calls:
            file.replace(call.func, _opener(file, call.func), "session-block")


def _opener(file: File, written: ast.expr) -> str:
    """The async counterpart, through the module where the sync one is *written* so."""
    name = file.layer.names["session"]
    if isinstance(written, ast.Attribute):
        return f"{file.module.source.segment(written.value)}.{name}"
    return file.imports.of_program(name, file.layer.module)
