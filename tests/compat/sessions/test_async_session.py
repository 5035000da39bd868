"""A coroutine that works on the sync session of a test."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from alchemove import async_session
from tests.compat.recorders.shop import Base, Post, User


async def create(session: AsyncSession, name: str) -> User:
    user = User(name=name)
    session.add(user)
    await session.commit()
    await session.refresh(user)
    return user


@pytest.fixture
def session() -> Iterator[Session]:
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        yield session
    engine.dispose()


def test_what_the_coroutine_makes_is_an_object_of_the_session(session: Session) -> None:
    user = asyncio.run(create(async_session(session), "ada"))
    assert user in session
    assert session.get(User, user.id) is user
    assert user.posts == []


def test_a_transaction_of_the_test_goes_on(session: Session) -> None:
    async def rename(session: AsyncSession, user: User) -> None:
        user.name = "eve"
        await session.flush()

    user = User(name="ada")
    session.add(user)
    session.commit()
    asyncio.run(rename(async_session(session), user))
    assert session.scalar(select(User.name)) == "eve"
    session.rollback()
    assert user.name == "ada"


def test_an_exception_leaves_the_session_as_a_sync_call_does(session: Session) -> None:
    async def twice(session: AsyncSession) -> None:
        session.add_all([User(id=1, name="a"), User(id=1, name="b")])
        await session.commit()

    with pytest.raises(IntegrityError):
        asyncio.run(twice(async_session(session)))
    session.rollback()
    assert session.scalar(select(func.count(User.id))) == 0


def test_sync_functions_run_in_it(session: Session) -> None:
    async def titles(session: AsyncSession) -> list[str]:
        return await session.run_sync(lambda session: [p.title for p in session.scalars(select(User)).one().posts])

    session.add(User(name="ada", posts=[Post(title="one")]))
    session.commit()
    assert asyncio.run(titles(async_session(session))) == ["one"]


def test_a_scoped_session_stands_for_the_one_of_its_scope(session: Session) -> None:
    registry = scoped_session(sessionmaker(session.get_bind()))
    try:
        assert async_session(registry).sync_session is registry()
    finally:
        registry.remove()


def test_something_else_is_refused() -> None:
    with pytest.raises(TypeError, match="works on a Session"):
        async_session(object())  # type: ignore[arg-type]


def test_textual_sql_and_statements_on_tables_can_be_executed() -> None:
    with Session(create_engine("sqlite://")) as session:

        async def found() -> list[object]:
            asynchronous = async_session(session)
            rows = (await asynchronous.execute(text("select 1, 2"))).all()
            await asynchronous.execute(text("select 1"))
            return [*map(tuple, rows), (await asynchronous.scalars(text("select 3"))).one()]

        assert asyncio.run(found()) == [(1, 2), 3]
