"""blocking-session: sessions for synchronous code in an ``async def`` are pointed out.

    async def authenticate(token):                 async def authenticate(token):
        with SessionLocal() as db:                     with get_sync_session() as db:
            return find_user(db, token)                    return find_user(db, token)

They become blocks like all others, or are left with the reason that is given for them. But each of their statements stops the event loop, and with it
every other request, until the database has answered: that was so before, and is so afterwards. It is no site: nothing has to be done for the code to be right.
"""

from __future__ import annotations

from alchemove_codemods.analysis.transactions.scopes import Opening
from alchemove_codemods.findings import Finding
from alchemove_codemods.registry import rule


@rule(
    "blocking-session",
    stage="sessions",
    reasons={
        "blocks-event-loop": "This is a session for synchronous code in an 'async def': each of its statements stops the event loop for everybody. Use 'async with get_async_session()' and await its methods, or move the block into a function and call that with 'await asyncio.to_thread(...)'.",
    },
)
def blocking_session(opening: Opening, text: str) -> Finding:
    """What is said of one such session; *text* is that of the reason."""
    module = opening.function.module
    line, column = module.source.place(opening.call)
    return Finding(
        module.path,
        line,
        column,
        "blocking-session",
        "refused",
        "blocks-event-loop",
        f"{text} [{opening.function.name}]",
    )
