"""The gate of the async pool: first in, first out, and no permit is ever lost."""

from __future__ import annotations

import asyncio
import random

import pytest

from alchemove.gate import Gate


async def test_waiters_come_through_in_the_order_in_which_they_came() -> None:
    gate = Gate(1, 5)
    order: list[int] = []

    async def work(number: int) -> None:
        await gate.enter()
        order.append(number)
        await asyncio.sleep(0)
        gate.leave()

    await asyncio.gather(*(work(number) for number in range(50)))
    assert order == list(range(50))


async def test_nobody_overtakes_between_a_release_and_the_wake_up() -> None:
    """asyncio.Queue, on which SQLAlchemy's pool waits, lets the newcomer win here; see the next test."""
    gate = Gate(1, 5)
    await gate.enter()
    waiter = asyncio.create_task(gate.enter())
    await asyncio.sleep(0)
    gate.leave()
    assert gate.enter_at_once() is False
    await waiter
    assert gate.held == 1


async def test_a_queue_lets_a_newcomer_overtake() -> None:
    queue: asyncio.Queue[int] = asyncio.Queue()
    waiter = asyncio.create_task(queue.get())
    await asyncio.sleep(0)
    queue.put_nowait(1)
    assert queue.get_nowait() == 1
    await asyncio.sleep(0)
    assert not waiter.done()
    waiter.cancel()


async def test_a_wait_ends_after_the_timeout() -> None:
    gate = Gate(1, 0.05)
    await gate.enter()
    with pytest.raises(TimeoutError):
        await gate.enter()
    gate.leave()
    await gate.enter()
    assert (gate.held, gate.waiting) == (1, 0)


async def test_without_a_limit_everybody_comes_in() -> None:
    gate = Gate(None, 0)
    for _ in range(100):
        await gate.enter()
    assert gate.held == 100


async def test_a_waiter_cancelled_while_its_turn_comes_hands_the_permit_on() -> None:
    gate = Gate(1, 5)
    await gate.enter()
    first, second = asyncio.create_task(gate.enter()), asyncio.create_task(gate.enter())
    await asyncio.sleep(0)
    gate.leave()
    first.cancel()
    await second
    assert gate.held == 1
    assert first.cancelled()


async def test_no_permit_is_lost_under_random_cancellation_and_timeouts() -> None:
    chance = random.Random(7)
    gate = Gate(3, 0.003)
    most = 0

    async def work() -> None:
        nonlocal most
        try:
            await gate.enter()
        except TimeoutError:
            return
        most = max(most, gate.held)
        try:
            await asyncio.sleep(chance.random() / 1000)
        finally:
            gate.leave()

    for _ in range(30):
        tasks = [asyncio.create_task(work()) for _ in range(40)]
        for task in chance.sample(tasks, 15):
            asyncio.get_running_loop().call_later(chance.random() / 300, task.cancel)
        await asyncio.gather(*tasks, return_exceptions=True)
        assert (gate.held, gate.waiting) == (0, 0)
    assert most == 3
    for _ in range(3):
        assert gate.enter_at_once()
    assert not gate.enter_at_once()
