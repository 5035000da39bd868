"""Test suites with a sync session of their own, over endpoints that have become coroutines."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Annotated, Any

import pytest
from fastapi import Depends, FastAPI, Header, HTTPException
from fastapi.testclient import TestClient
from sqlalchemy import create_engine, event, select
from sqlalchemy.exc import MissingGreenlet
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, scoped_session, selectinload, sessionmaker
from sqlalchemy.pool import StaticPool

from alchemove import session_override
from alchemove.dependency import get_session, session_depends
from tests.compat.recorders.shop import Base, Post, User

SessionDep = Annotated[AsyncSession, session_depends(get_session)]
app = FastAPI()


@app.post("/users")
async def add(name: str, session: SessionDep) -> int:
    user = User(name=name)
    session.add(user)
    await session.commit()
    await session.refresh(user)
    return user.id


@app.get("/users")
async def names(session: SessionDep) -> list[str]:
    return list(await session.scalars(select(User.name).order_by(User.id)))


@app.post("/rename")
async def rename(name: str, session: SessionDep) -> str:
    user = (await session.scalars(select(User))).one()
    user.name = name
    await session.commit()
    return user.name


@app.get("/posts/{eager}")
async def posts(eager: bool, session: SessionDep) -> int:
    statement = select(User).options(selectinload(User.posts)) if eager else select(User)
    return len((await session.scalars(statement)).one().posts)


async def current_user(session: SessionDep) -> User:
    return (await session.scalars(select(User))).one()


@app.get("/me")
async def me(
    session: SessionDep,
    user: Annotated[User, Depends(current_user)],
    expired: bool = False,
    related: bool = False,
) -> str:
    name = user.name
    if expired:
        await session.rollback()
    return user.posts[0].title if related else f"{user.name}" if name else ""


@app.get("/sync")
async def crossing(session: SessionDep) -> int:
    return await session.run_sync(lambda sync: len(sync.scalars(select(User)).one().posts))


@app.get("/refused")
async def refused(session: SessionDep) -> None:
    session.add(User(name="never"))
    await session.flush()
    raise HTTPException(409)


@pytest.fixture
def factory() -> Iterator[sessionmaker[Session]]:
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    Base.metadata.create_all(engine)
    yield sessionmaker(engine)
    engine.dispose()


@pytest.fixture
def session(factory: sessionmaker[Session]) -> Iterator[Session]:
    with factory() as session:
        yield session


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(app) as client:
        yield client
    app.dependency_overrides.clear()


def override(given: Callable[..., Any]) -> None:
    app.dependency_overrides[get_session] = session_override(given)


def test_a_session_for_each_request_comes_from_the_factory_of_the_tests(
    client: TestClient, factory: sessionmaker[Session]
) -> None:
    def override_get_db() -> Iterator[Session]:
        db = factory()
        try:
            yield db
        finally:
            db.close()

    override(override_get_db)
    assert client.post("/users?name=ann").json() == 1
    assert client.get("/users").json() == ["ann"]
    with factory() as session:
        assert session.scalars(select(User.name)).all() == ["ann"]


def test_tests_and_requests_share_one_session(client: TestClient, session: Session) -> None:
    override(lambda: session)
    user = User(name="ann")
    session.add(user)
    session.flush()
    assert client.get("/users").json() == ["ann"]
    assert client.post("/rename?name=bea").json() == "bea"
    assert user.name == "bea"
    session.rollback()
    assert user.name == "bea"


def test_what_the_request_committed_is_read_again_after_it(client: TestClient, session: Session) -> None:
    override(lambda: session)
    user = User(name="ann")
    session.add(user)
    session.commit()
    assert user.name == "ann"
    client.post("/rename?name=bea")
    statements: list[str] = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *given: statements.append(given[2]))
    assert user.name == "bea"
    assert len(statements) == 1
    assert client.get("/users").json() == ["bea"]
    statements.clear()
    assert user.name == "bea"
    assert statements == []


def test_a_transaction_of_the_tests_that_is_rolled_back_has_what_the_requests_committed(client: TestClient) -> None:
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    # Without these two, pysqlite begins the transaction after the savepoint.
    event.listen(engine, "connect", lambda raw, _: setattr(raw, "isolation_level", None))
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    Base.metadata.create_all(engine)
    with engine.connect() as connection:
        transaction = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            override(lambda: session)
            client.post("/users?name=ann")
            assert session.scalars(select(User.name)).all() == ["ann"]
        transaction.rollback()
        assert connection.scalars(select(User.name)).all() == []
    engine.dispose()


def test_a_lazy_load_in_a_coroutine_raises_as_on_an_async_engine(client: TestClient, session: Session) -> None:
    session.add(User(name="ann", posts=[Post(title="one")]))
    session.commit()
    session.expunge_all()
    override(lambda: session)
    assert client.get("/posts/true").json() == 1
    session.expunge_all()
    with pytest.raises(MissingGreenlet, match="selectinload"):
        client.get("/posts/false")
    session.expunge_all()
    assert client.get("/sync").json() == 1
    session.expunge_all()
    # The tests themselves, and code in threads, load as ever.
    assert len(session.scalars(select(User)).one().posts) == 1


def test_objects_that_the_tests_have_let_expire_are_read_as_before(client: TestClient, session: Session) -> None:
    ann = User(name="ann", posts=[Post(title="one")])
    session.add(ann)
    session.commit()
    override(lambda: session)
    app.dependency_overrides[current_user] = lambda: ann
    assert client.get("/me").json() == "ann"
    # What the application lets expire is another matter.
    with pytest.raises(MissingGreenlet, match="refresh"):
        client.get("/me?expired=true")
    session.rollback()
    with pytest.raises(MissingGreenlet, match="selectinload"):
        client.get("/me?related=true")


def test_the_override_learns_of_errors(client: TestClient, session: Session) -> None:
    seen: list[type] = []

    def override_get_db() -> Iterator[Session]:
        try:
            yield session
        except Exception as error:
            seen.append(type(error))
            session.rollback()
            raise

    override(override_get_db)
    assert client.get("/refused").status_code == 409
    assert seen == [HTTPException]
    assert session.scalars(select(User)).all() == []


def test_parameters_of_the_override_are_injected(client: TestClient, factory: sessionmaker[Session]) -> None:
    seen: list[str] = []

    def named(x_name: Annotated[str, Header()] = "") -> str:
        return x_name

    def override_get_db(name: str = Depends(named)) -> Iterator[Session]:
        seen.append(name)
        with factory() as session:
            yield session

    override(override_get_db)
    client.get("/users", headers={"X-Name": "ann"})
    assert seen == ["ann"]


def test_asynchronous_overrides_and_scoped_sessions(client: TestClient, factory: sessionmaker[Session]) -> None:
    async def override_get_db() -> AsyncIterator[Session]:
        with factory() as session:
            yield session

    override(override_get_db)
    assert client.post("/users?name=ann").json() == 1
    registry = scoped_session(factory)
    override(lambda: registry)
    assert client.get("/users").json() == ["ann"]
    registry.remove()


def test_what_is_no_session_is_refused(client: TestClient) -> None:
    override(lambda: "no session")
    with pytest.raises(TypeError, match="'no session'; session_override\\(\\) needs a Session"):
        client.get("/users")
