"""`alchemove.run_sync` and `after_request`: sync code that works with a session, now and when the request is over."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import pytest
from fastapi import BackgroundTasks, FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import create_engine, select, text
from sqlalchemy.exc import MissingGreenlet, StatementError
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import Session

from alchemove import Database, after_request, async_session, run_sync, use_database
from alchemove.dependency import get_session, session_depends
from tests.compat.recorders.shop import Base, User


def plus(session: Session, one: int, *, other: int) -> object:
    return session.scalar(text("select :one + :other"), {"one": one, "other": other})


def test_the_session_inside_of_an_async_session_is_awaited() -> None:
    async def both() -> tuple[object, object]:
        engine = create_async_engine("sqlite+aiosqlite://")
        async with AsyncSession(engine) as session:
            found = await run_sync(plus, session.sync_session, 1, other=2)
            with pytest.raises((MissingGreenlet, StatementError), match="greenlet_spawn has not been called"):
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


class Notifier:
    def __init__(self, session: Session) -> None:
        self.session = session

    def send(self, name: str) -> None:
        self.session.add(User(name=name))
        self.session.commit()

    async def send_later(self, name: str) -> None:
        await run_sync(self.send, name)

    def fail(self) -> None:
        self.session.add(User(name="lost"))
        self.session.flush()
        raise LookupError("no such recipe")


app = FastAPI()
SessionDep = Annotated[AsyncSession, session_depends(get_session)]


@app.post("/users/{name}")
async def create(name: str, tasks: BackgroundTasks, session: SessionDep) -> None:
    notifier = Notifier(session.sync_session)
    session.add(User(name=name))
    tasks.add_task(after_request(session, notifier.send), f"{name} in a task")
    tasks.add_task(after_request(session, notifier.send_later), f"{name} in a coroutine")


@app.post("/failing")
async def failing(tasks: BackgroundTasks, session: SessionDep) -> None:
    tasks.add_task(after_request(session, Notifier(session.sync_session).fail))


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path}/tasks.db")
    Base.metadata.create_all(database.sync_engine)
    use_database(database)
    yield database
    use_database(None)
    database.close_all_connections()


def names(database: Database) -> list[str]:
    with database.sync_session() as session:
        return list(session.scalars(select(User.name).order_by(User.id)))


def test_background_tasks_go_on_with_the_session_of_their_request(database: Database) -> None:
    with TestClient(app) as client:
        client.post("/users/ada")
        assert names(database) == ["ada", "ada in a task", "ada in a coroutine"]
        client.post("/users/ben")
    assert names(database)[3:] == ["ben", "ben in a task", "ben in a coroutine"]


def test_what_a_failing_background_task_has_not_committed_is_rolled_back(database: Database) -> None:
    with TestClient(app) as client, pytest.raises(LookupError):
        client.post("/failing")
    assert names(database) == []


def test_a_task_on_the_session_of_a_test_leaves_that_open() -> None:
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        user = User(name="of the test")
        session.add(user)
        task = after_request(async_session(session), Notifier(session).send)
        asyncio.run(task("of the task"))
        assert user in session
        assert session.scalars(select(User.name).order_by(User.id)).all() == ["of the test", "of the task"]
