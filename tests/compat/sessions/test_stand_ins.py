"""Mocks and objects of the tests' own classes in the place of a session, under coroutines that await it."""

from __future__ import annotations

import asyncio
from unittest.mock import AsyncMock, MagicMock

from sqlalchemy.orm import Session

from alchemove import discard_uncommitted
from alchemove.stand_ins import StandIn, stands_in


class Recording:
    def __init__(self) -> None:
        self.calls: list[object] = []

    def execute(self, statement: str) -> list[str]:
        self.calls.append(statement)
        return [statement]

    def get(self, model: str, key: int) -> tuple[str, int]:
        return model, key

    def add(self, item: object) -> None:
        self.calls.append(item)


def test_the_methods_of_a_session_are_awaited_and_the_others_are_not() -> None:
    fake = Recording()
    session = StandIn(fake)

    async def used() -> object:
        session.add("item")
        return await session.execute("statement")

    assert asyncio.run(used()) == ["statement"]
    assert fake.calls == ["item", "statement"]


def test_options_that_a_class_of_the_tests_does_not_take_are_left_out() -> None:
    assert asyncio.run(StandIn(Recording()).get("User", 1, options=["posts"])) == ("User", 1)


def test_what_the_stage_adds_needs_no_method_of_the_fake() -> None:
    fake = Recording()
    session = StandIn(fake)
    discard_uncommitted(session)  # type: ignore[arg-type]
    session.expire_all()
    assert fake.calls == []


def test_a_mock_sees_the_calls() -> None:
    mock = MagicMock(spec=Session)
    mock.scalars.return_value.first.return_value = 7
    session = StandIn(mock)

    async def used() -> object:
        async with session.begin_nested():
            found = (await session.scalars("select")).first()
        await session.commit()
        return found, await session.run_sync(lambda sync: sync.scalar("count"))

    assert asyncio.run(used()) == (7, mock.scalar.return_value)
    mock.commit.assert_called_once_with()
    mock.scalars.assert_called_once_with("select")


def test_a_coroutine_of_the_fake_is_awaited() -> None:
    mock = AsyncMock()
    mock.scalar.return_value = 3
    assert asyncio.run(StandIn(mock).scalar("select")) == 3


def test_attributes_that_are_set_are_those_of_the_fake() -> None:
    fake = Recording()
    StandIn(fake).tenant = 4
    assert vars(fake)["tenant"] == 4


def test_only_what_has_a_method_of_a_session_stands_in() -> None:
    assert stands_in(Recording())
    assert not stands_in("session")
