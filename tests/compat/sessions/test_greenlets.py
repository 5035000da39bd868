"""`alchemove.run_sync`: sync code that works with a session, whichever session that is."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import MissingGreenlet
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import Session

from alchemove import run_sync


def plus(session: Session, one: int, *, other: int) -> object:
    return session.scalar(text("select :one + :other"), {"one": one, "other": other})


def test_the_session_inside_of_an_async_session_is_awaited() -> None:
    async def both() -> tuple[object, object]:
        engine = create_async_engine("sqlite+aiosqlite://")
        async with AsyncSession(engine) as session:
            found = await run_sync(plus, session.sync_session, 1, other=2)
            with pytest.raises(MissingGreenlet):
                plus(session.sync_session, 1, other=2)
        await engine.dispose()
        return found, session.in_transaction()

    assert asyncio.run(both()) == (3, False)


def test_a_session_of_a_sync_engine_works_as_well() -> None:
    with Session(create_engine("sqlite://")) as session:
        assert asyncio.run(run_sync(plus, session, 1, other=2)) == 3


def test_what_the_function_raises_is_raised() -> None:
    def fail() -> None:
        raise LookupError("no such recipe")

    with pytest.raises(LookupError, match="no such recipe"):
        asyncio.run(run_sync(fail))
