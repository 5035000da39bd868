"""Sync code on the event loop, with the sync session inside of an AsyncSession, or with one of a sync engine."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


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
