"""`def` that talks to the database becomes `async def`.

A function becomes a coroutine if it stands between an endpoint (or a coroutine that exists) and a session, everything that
calls it awaits it, and its session is the request's. The decision is made once for the whole program; of several
possible boundaries between coroutines and sync functions the one with the fewest crossings is taken, and there are never
two copies of a function. Each function that talks to the database is in the report, with its colour; for one that stays
sync, the chain from what forces it to the function itself stands in brackets.

    def get_user(db: Session, user_id: int):           async def get_user(db: AsyncSession, user_id: int):
        return db.get(User, user_id)                       return await db.get(User, user_id)

`with session.begin():` and `with session.begin_nested():` become `async with`.
"""

from __future__ import annotations

import ast

from alchemove_codemods.colours.plans import Plan
from alchemove_codemods.facts import FunctionFacts
from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.coroutines import File


@rule(
    "async-function",
    stage="async",
    reasons={
        "task": "a task of Celery or of another queue is called by its worker, which does not await; what it calls stays "
        "sync with it. Split what endpoints and tasks share, or leave it behind run_sync",
        "command": "a command is called from a shell and does not await; what it calls stays sync with it",
        "property": "reading a property cannot be awaited. Make it a method to have it become a coroutine",
        "validator": "a validator or serializer is called by its library, which does not await",
        "event-handler": "a handler of events or signals is called by its library, which does not await",
        "wsgi-view": "a view of Flask or another WSGI framework runs without an event loop",
        "constructor": "__init__ cannot be a coroutine. Load what it needs in a classmethod that is one, or later",
        "special-method": "Python calls special methods itself and does not await them",
        "revision": "revisions of Alembic run on a sync connection",
        "test": "tests stay sync, and so does what they call where no event loop can be started for it: in a callback, a "
        "lambda, a helper whose callers are not known. Call it from the test itself, or make the test a coroutine",
        "import-time": "code at the level of a module runs while it is imported and cannot await",
        "generator": "a generator or context manager that talks to the database cannot become asynchronous here: it has `yield from`, "
        "a value for `return`, `yield` as a value, a `yield` inside `try` or `with` (of a generator), a rollback without `raise` (of a "
        "context manager), or is not gone through by a `for`, a comprehension, a `with` of its own or a builtin. Make it return a list",
        "unfollowed-calls": "something that could not be followed may call this, so whether it awaits is not known: a "
        "callback, a method of that name on an object of unknown class, a mock. Annotate the object",
        "not-reached": "no endpoint and no coroutine reaches this function, so it stays as it is",
        "deferred": "a lambda, a generator expression or a property calls this, and cannot await it",
        "sync-session": "the session of this function is (also) one that sync code made. Run `alchemove rewrite --stage "
        "sessions` first, or give it the session of the request",
        "cheapest-boundary": "this could be a coroutine, but it mostly runs functions that have to stay sync: one crossing "
        "around it is less than one for each of them",
        "event-loop": "this function, or what it calls, runs an event loop of its own, or waits for one (`asyncio.run(...)`, `loop.run_until_complete(...)`, "
        "`from_thread.run(...)`), or for what another request does (`event.wait()`, `queue.get()`): FastAPI runs a sync endpoint in a thread, where "
        "that works, and a coroutine on the event loop, where it raises or stops all others. Await the coroutine itself, use what asyncio has, or hand the call to a thread: `await asyncio.to_thread(...)`",
        "thread-lock": "this function, or what it calls, holds a lock of threads while it talks to the database: in a coroutine, the next one that "
        "wants the lock stops the event loop, and nobody can give it back. Use a lock of the database (`with_for_update()`), or `asyncio.Lock`",
        "transaction-object": "begin() or begin_nested() outside of `with`: the object it gives has to be awaited wherever "
        "it goes. Use `with session.begin_nested():`",
        "outside-paths": "the file is not among the given paths, so its functions stay as they are",
        "internal-error": "this is a bug in alchemove: the edits of a file do not fit together. Nothing that is tied to "
        "it was changed. Please report it with the text in brackets",
    },
)
def async_function(file: File, function: FunctionFacts, plan: Plan) -> None:
    """``def`` → ``async def``, ``with session.begin()`` → ``async with``."""
    source = file.module.source
    if isinstance(function.node, ast.FunctionDef):
        file.insert(source.start(function.node), "async ", "async-function")
    for block in plan.managers:
        file.insert(source.start(block), "async ", "async-function")
