"""A counting gate for one event loop that lets waiters through strictly in the order in which they came.

``asyncio.Queue``, on which SQLAlchemy's async pool waits, wakes a waiter that then has to compete with newcomers, and
goes to the end of the line when it loses; ``asyncio.Semaphore`` did the same until Python 3.10.8. Here a permit is
handed to the first waiter and never becomes free in between.
"""

from __future__ import annotations

import asyncio
from collections import deque


class Gate:
    """Lets ``limit`` holders in at a time.

    Used from one event loop; nothing here is thread safe.

    Args:
        limit: how many may hold a permit at the same time; ``None`` for any number.
        timeout: how many seconds to wait.
    """

    __slots__ = ("_free", "_timeout", "_waiters", "held")

    def __init__(self, limit: int | None, timeout: float) -> None:
        self._free = limit
        self._timeout = timeout
        self._waiters: deque[asyncio.Future[None]] = deque()
        self.held = 0

    @property
    def waiting(self) -> int:
        """How many are waiting now."""
        return sum(not waiter.done() for waiter in self._waiters)

    def enter_at_once(self) -> bool:
        """Take a permit if one is free and nobody waits for it; says whether it did."""
        if self._free is None:
            self.held += 1
            return True
        if self._free == 0:
            return False
        self._free -= 1
        self.held += 1
        return True

    async def enter(self) -> None:
        """Wait for a permit.

        Raises:
            TimeoutError: none became free in time.
        """
        if self.enter_at_once():
            return
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[None] = loop.create_future()
        self._waiters.append(turn)
        expiry = loop.call_later(self._timeout, _expire, turn)
        try:
            await turn
        except BaseException:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                # Cancelled in the moment in which the permit was handed over: hand it on.
                self.leave()
            raise
        finally:
            expiry.cancel()

    def leave(self) -> None:
        """Give the permit back: to the first who still waits, or to whoever comes next."""
        self.held -= 1
        while self._waiters:
            turn = self._waiters.popleft()
            if not turn.done():
                self.held += 1
                turn.set_result(None)
                return
        if self._free is not None:
            self._free += 1


def _expire(turn: asyncio.Future[None]) -> None:
    if not turn.done():
        turn.set_exception(TimeoutError())
