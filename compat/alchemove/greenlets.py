"""Sync code on the event loop, with the sync session inside of an AsyncSession, or with one of a sync engine."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from alchemove.session_block import AFTERWARDS, end

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

P = ParamSpec("P")
T = TypeVar("T")


def after_request(session: AsyncSession, function: Callable[P, object]) -> Callable[P, Coroutine[Any, Any, None]]:
    """A background task that goes on with the session of its request.

        background_tasks.add_task(after_request(session, notifier.send), name)

    *function* works with the sync session inside of *session*, which an object holds, or which it is given. When the request is
    over that session begins anew, as a legacy one does that is used after its end, and is closed when the task is done.
    What *function* does besides waiting for the database blocks the event loop.

    Args:
        session: the session of the request, of `Database.get_session`.
        function: a sync function, or a coroutine function.

    Returns:
        A coroutine function with the parameters of *function*.
    """
    session.info.setdefault(AFTERWARDS, False)

    async def task(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            if inspect.iscoroutinefunction(function):
                await function(*args, **kwargs)
            else:
                await run_sync(function, *args, **kwargs)
        finally:
            # A session of a test, or one whose request is not over, is ended by those who made it.
            if session.info[AFTERWARDS]:
                await end(session, roll_back=False)

    return task


async def run_sync(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Call *function*, which works with a session, and await the database for it.

        recipe = await run_sync(service.create_one, data)

    `AsyncSession.run_sync` without the AsyncSession: for coroutines that are given a sync session, or objects that hold one,
    and do not know where it comes from. The session inside of an AsyncSession is used as that one uses it, without blocking
    the event loop. One of a sync engine blocks it, as it does in every coroutine.

    Args:
        function: a sync function.
        *args: passed to it.
        **kwargs: passed to it.

    Returns:
        What *function* returns.

    Raises:
        Exception: what *function* raises.
    """
    # An application that stays sync has no greenlet (SQLAlchemy 2.1), and imports alchemove all the same.
    from sqlalchemy.util.concurrency import greenlet_spawn

    return await greenlet_spawn(partial(function, *args, **kwargs))
