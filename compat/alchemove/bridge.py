"""Async code behind a sync interface, for libraries that call back without ``await``: a chat store, for instance.

`as_sync` finds the event loop to use. In a worker thread of anyio (a ``def`` endpoint of FastAPI, or
``anyio.to_thread.run_sync``) it is the loop that the thread belongs to, with its pool of connections. In plain sync
code it is one loop in one thread for the whole process, started on first use, so that connections are kept from call to
call. On an event loop's own thread there is none: the call would wait for the loop that it blocks.

A call has a transaction of its own. Sync code that should share the transaction of an ``AsyncSession`` is called with
``await session.run_sync(function)`` instead.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from functools import partial, wraps
from typing import ParamSpec, TypeVar

import anyio
from anyio import from_thread
from anyio.from_thread import BlockingPortal

from alchemove.errors import BridgeError

P = ParamSpec("P")
T = TypeVar("T")


def as_sync(function: Callable[P, Awaitable[T]]) -> Callable[P, T]:
    """Make an async function callable from sync code.

    Context variables, the tenant among them, are those of the caller.

    Args:
        function: the async function.

    Returns:
        A function that waits for the result.

    Raises:
        BridgeError: by the returned function, when it is called on the thread of a running event loop.
    """

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        name = getattr(function, "__qualname__", repr(function))
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return _run(partial(function, *args, **kwargs))
        raise BridgeError(
            f"{name}() was called on the thread of a running event loop and would wait for that loop for ever. Await "
            f"the async function itself, or call the sync one in a thread: await asyncio.to_thread(...)."
        )

    return call


def _run(call: Callable[[], Awaitable[T]]) -> T:
    started = False

    async def run() -> T:
        nonlocal started
        started = True
        return await call()

    try:
        return from_thread.run(run)
    except RuntimeError:
        # Either raised by the call, or by anyio because this is not one of its worker threads.
        if started:
            raise
    return _loop_of_the_process.portal().call(run)


class _Portal:
    """One event loop in one thread, which anyio runs.

    Not ``start_blocking_portal``: it is a generator, which the child of a fork would finish, waiting for a thread that
    exists in the parent only.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._portal: BlockingPortal | None = None
        self._thread: threading.Thread | None = None

    def portal(self) -> BlockingPortal:
        with self._lock:
            if self._portal is None:
                ready: Future[BlockingPortal] = Future()
                self._thread = threading.Thread(
                    target=anyio.run, args=[_serve, ready], name="alchemove-bridge", daemon=True
                )
                self._thread.start()
                self._portal = ready.result()
            return self._portal

    def stop(self) -> None:
        with self._lock:
            portal, thread, self._portal, self._thread = self._portal, self._thread, None, None
        if portal is not None and thread is not None:
            portal.call(portal.stop)
            thread.join()

    def forget(self) -> None:
        # Threads do not survive a fork; the lock may be held by one of them.
        self._lock = threading.Lock()
        self._portal = self._thread = None


async def _serve(ready: Future[BlockingPortal]) -> None:
    async with BlockingPortal() as portal:
        ready.set_result(portal)
        await portal.sleep_until_stopped()


_loop_of_the_process = _Portal()
atexit.register(_loop_of_the_process.stop)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_loop_of_the_process.forget)
