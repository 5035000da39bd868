"""The FastAPI dependency. `make fastapi-matrix` runs this file on FastAPI 0.95, 0.105, 0.115, 0.120, 0.121 and the latest."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any

import fastapi
import httpx
import pytest
from fastapi import APIRouter, BackgroundTasks, Depends, FastAPI, HTTPException, Request, WebSocket, WebSocketDisconnect
from fastapi.responses import JSONResponse
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError, InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncSession

from alchemove.database import Database
from alchemove.default import use_database
from alchemove.dependency import (
    _HAS_SCOPES,
    _ROUTES_COMMIT,
    CommitRoute,
    SessionDep,
    commit_before_response,
    get_session,
    session_depends,
)
from alchemove.errors import ResponseOrderError
from alchemove.session_block import discard_uncommitted
from tests.compat.models import Account

VERSION = tuple(int(part) for part in fastapi.__version__.split(".")[:2])
RESPONDS_FIRST = not (0, 106) <= VERSION < (0, 118)


@pytest.fixture(autouse=True)
def default(database: Database) -> Any:
    use_database(database)
    yield
    use_database(None)


async def conflict(_: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": "conflict"}, 409)


def application() -> FastAPI:
    app = FastAPI()
    app.add_exception_handler(IntegrityError, conflict)
    return app


def client(app: FastAPI) -> httpx.AsyncClient:
    commit_before_response(app)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://test")


def names(outside: Engine) -> list[str]:
    with outside.connect() as connection:
        return list(connection.scalars(text("SELECT name FROM account ORDER BY id")))


async def test_a_commit_that_fails_is_the_clients_409_and_never_a_lost_write(outside: Engine) -> None:
    app = application()

    @app.post("/accounts/{name}")
    async def create(name: str, session: SessionDep) -> dict[str, str]:
        session.add(Account(name=name))
        await session.flush()
        return {"name": name}

    async with client(app) as http:
        assert (await http.post("/accounts/a")).status_code == 200
        assert (await http.post("/accounts/a")).status_code == 409
    assert names(outside) == ["a"]


async def test_the_naive_dependency_answers_200_to_a_lost_write(database: Database, outside: Engine) -> None:
    """The naive version of the test above: on the versions concerned, the client is told 200 twice."""
    app = application()

    async def naive() -> AsyncIterator[AsyncSession]:
        async with AsyncSession(database.async_engine) as session, session.begin():
            yield session

    @app.post("/accounts/{name}")
    async def create(name: str, session: Annotated[AsyncSession, Depends(naive)]) -> dict[str, str]:
        session.add(Account(name=name))
        await session.flush()
        return {"name": name}

    async with client(app) as http:
        statuses = [(await http.post("/accounts/a")).status_code for _ in range(2)]
    assert statuses == ([200, 200] if RESPONDS_FIRST else [200, 409])
    assert names(outside) == ["a"]


class CommitAfterApplication:
    """Commits when the application has returned."""

    def __init__(self, app: Any, database: Database) -> None:
        self._app, self._database = app, database

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async with self._database.session() as session:
            scope["session"] = session
            await self._app(scope, receive, send)


class CommitBeforeFirstByte:
    """Commits when the application begins to answer."""

    def __init__(self, app: Any, database: Database) -> None:
        self._app, self._database = app, database

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async with self._database.session() as session:
            scope["session"] = session

            async def commit_and_send(message: Any) -> None:
                if message["type"] == "http.response.start" and message["status"] < 400:
                    await session.commit()
                await send(message)

            await self._app(scope, receive, commit_and_send)


@pytest.mark.parametrize(
    ("middleware", "statuses"), [(CommitAfterApplication, [200, 200]), (CommitBeforeFirstByte, [200, 500])]
)
async def test_a_middleware_does_not_cure_the_order_on_any_version(
    middleware: Any, statuses: list[int], database: Database, outside: Engine
) -> None:
    """It commits too late, or where the application's exception handler no longer turns the failure into a 409."""
    app = application()
    app.add_middleware(middleware, database=database)

    @app.post("/accounts/{name}")
    async def create(name: str, request: Request) -> dict[str, str]:
        request.scope["session"].add(Account(name=name))
        await request.scope["session"].flush()
        return {"name": name}

    async with client(app) as http:
        assert [(await http.post("/accounts/a")).status_code for _ in range(2)] == statuses
    assert names(outside) == ["a"]


async def test_a_background_task_sees_what_the_request_wrote(outside: Engine) -> None:
    app = application()
    seen: list[list[str]] = []

    @app.post("/accounts/{name}")
    async def create(name: str, session: SessionDep, tasks: BackgroundTasks) -> None:
        session.add(Account(name=name))
        tasks.add_task(lambda: seen.append(names(outside)))

    async with client(app) as http:
        await http.post("/accounts/a")
    assert seen == [["a"]]


@pytest.mark.parametrize(("error", "status"), [(HTTPException(404), 404), (RuntimeError("broken"), 500)])
async def test_an_exception_in_the_endpoint_rolls_back(error: Exception, status: int, outside: Engine) -> None:
    app = application()

    @app.post("/accounts")
    async def create(session: SessionDep) -> None:
        session.add(Account(name="a"))
        await session.flush()
        raise error

    async with client(app) as http:
        assert (await http.post("/accounts")).status_code == status
    assert names(outside) == []


async def test_an_invalid_response_is_a_500_and_no_false_success(database: Database) -> None:
    app = application()

    @app.post("/accounts", response_model=int)
    async def create(session: SessionDep) -> Any:
        session.add(Account(name="a"))
        return "no number"

    async with client(app) as http:
        assert (await http.post("/accounts")).status_code == 500
    assert database.async_engine.pool.checkedout() == 0


async def test_a_request_that_discards_answers_and_leaves_only_what_it_committed(outside: Engine) -> None:
    app = application()

    async def user(session: SessionDep) -> Account:
        session.add(account := Account(name="of the dependency"))
        await session.flush()
        return account

    @app.post("/accounts/{name}")
    async def create(name: str, session: SessionDep, account: Annotated[Any, Depends(user)]) -> dict[str, str]:
        discard_uncommitted(session)
        if name == "kept":
            await session.commit()
        session.add(Account(name=name))
        await session.flush()
        return {"name": account.name}

    async with client(app) as http:
        assert (await http.post("/accounts/dropped")).json() == {"name": "of the dependency"}
        assert names(outside) == []
        assert (await http.post("/accounts/kept")).json() == {"name": "of the dependency"}
    assert names(outside) == ["of the dependency"]


async def test_dependencies_of_one_request_share_its_session() -> None:
    app = application()

    async def repository(session: SessionDep) -> AsyncSession:
        return session

    @app.get("/same")
    async def same(session: SessionDep, other: Annotated[AsyncSession, Depends(repository)]) -> bool:
        return session is other

    async with client(app) as http:
        assert (await http.get("/same")).json() is True


async def test_routers_included_before_and_after_work_alike(outside: Engine) -> None:
    app = application()
    router = APIRouter(prefix="/plain")
    committing = APIRouter(prefix="/committing", route_class=CommitRoute)

    async def create(name: str, session: SessionDep) -> None:
        session.add(Account(name=name))
        await session.flush()

    router.post("/{name}")(create)
    committing.post("/{name}")(create)
    app.include_router(router)
    app.include_router(committing)
    async with client(app) as http:
        app.post("/late/{name}")(create)
        for path in ("/plain/a", "/committing/b", "/late/c"):
            assert (await http.post(path)).status_code == 200
            assert (await http.post(path)).status_code == 409
    assert names(outside) == ["a", "b", "c"]


async def test_an_override_in_a_test_replaces_the_session(database: Database) -> None:
    app = application()

    @app.get("/who")
    async def who(session: SessionDep) -> str:
        return str(session.info["who"])

    async def override() -> AsyncIterator[AsyncSession]:
        async with database.session() as session:
            session.info["who"] = "override"
            yield session

    app.dependency_overrides[get_session] = override
    async with client(app) as http:
        assert (await http.get("/who")).json() == "override"


async def test_an_application_with_several_databases_has_a_dependency_for_each(database: Database) -> None:
    app = application()
    second = session_depends(database.get_session)

    @app.get("/two")
    async def two(first: SessionDep, other: Annotated[AsyncSession, second]) -> bool:
        return first is not other

    async with client(app) as http:
        response = await http.get("/two")
    assert response.json() is True


async def test_a_websocket_commits_when_it_ends(outside: Engine) -> None:
    from starlette.testclient import TestClient

    app = application()

    @app.websocket("/ws")
    async def socket(websocket: WebSocket, session: SessionDep) -> None:
        await websocket.accept()
        session.add(Account(name=await websocket.receive_text()))
        await websocket.close()

    def talk() -> None:
        with TestClient(app) as http, http.websocket_connect("/ws") as websocket:
            websocket.send_text("a")
            with pytest.raises(WebSocketDisconnect):
                websocket.receive_text()
            # The test client cancels the endpoint when the block ends, with the commit on its way.
            deadline = time.monotonic() + 5
            while not names(outside) and time.monotonic() < deadline:
                time.sleep(0.01)

    await asyncio.to_thread(talk)
    assert names(outside) == ["a"]


@pytest.mark.skipif(not _HAS_SCOPES, reason="this FastAPI has no dependency scopes")
async def test_a_dependency_that_would_commit_too_late_is_refused_before_the_endpoint_runs(outside: Engine) -> None:
    app = application()
    called: list[str] = []

    @app.post("/accounts")
    async def create(session: Annotated[AsyncSession, Depends(get_session)]) -> None:
        called.append("yes")

    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        with pytest.raises(ResponseOrderError, match=r'/accounts uses Depends\(get_session\) without scope="function"'):
            await http.post("/accounts")
    assert called == []


@pytest.mark.skipif(not _HAS_SCOPES, reason="this FastAPI has no dependency scopes")
async def test_mixed_scopes_would_be_two_sessions_in_one_request_and_are_refused() -> None:
    app = application()

    async def naive() -> AsyncIterator[object]:
        yield object()

    @app.get("/naive")
    async def two(
        first: Annotated[object, Depends(naive)], second: Annotated[object, Depends(naive, scope="function")]
    ) -> bool:
        return first is second

    @app.get("/ours")
    async def refused(first: SessionDep, second: Annotated[AsyncSession, Depends(get_session)]) -> bool:
        return first is second

    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        assert (await http.get("/naive")).json() is False
        with pytest.raises(ResponseOrderError):
            await http.get("/ours")


@pytest.mark.skipif(not _ROUTES_COMMIT, reason="this FastAPI needs no route class")
async def test_a_route_that_does_not_commit_is_refused_before_the_endpoint_runs() -> None:
    app = application()

    @app.post("/accounts")
    async def create(session: SessionDep) -> None: ...

    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        with pytest.raises(ResponseOrderError, match=r"Call alchemove.commit_before_response\(app\)"):
            await http.post("/accounts")


async def test_a_session_kept_beyond_the_request_raises() -> None:
    app = application()
    kept: list[AsyncSession] = []

    @app.get("/")
    async def keep(session: SessionDep) -> None:
        kept.append(session)

    async with client(app) as http:
        await http.get("/")
    with pytest.raises(InvalidRequestError, match="permanently closed"):
        await kept[0].execute(text("SELECT 1"))


@pytest.mark.parametrize("moment", ["in the statement", "after the flush"])
async def test_a_client_that_disconnects_leaves_nothing_behind(
    moment: str, database: Database, outside: Engine, make_database: Callable[..., Database]
) -> None:
    """The request's task is cancelled, as BaseHTTPMiddleware and servers that notice a disconnect do it."""
    app = application()
    reached = asyncio.Event()

    @app.post("/accounts")
    async def create(session: SessionDep) -> None:
        session.add(Account(name="a"))
        await session.flush()
        reached.set()
        if moment == "in the statement":
            await session.execute(text("SELECT pg_sleep(10)"))
        else:
            await asyncio.sleep(10)

    async with client(app) as http:
        request = asyncio.create_task(http.post("/accounts"))
        await reached.wait()
        request.cancel()
        with pytest.raises(asyncio.CancelledError):
            await request
        for _ in range(100):
            if database.async_engine.pool.checkedout() == 0:
                break
            await asyncio.sleep(0.01)
    assert database.async_engine.pool.checkedout() == 0
    assert names(outside) == []
    with outside.connect() as connection:
        # Neither a statement that runs on nor a transaction that stays open.
        busy = connection.scalar(
            text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state <> 'idle'")
        )
    assert busy == 1


@pytest.mark.parametrize("kind", ["sync session in async def", "sync session in def", "async session in async def"])
async def test_a_sync_session_in_async_def_stops_the_whole_event_loop(
    kind: str, make_database: Callable[..., Database], database: Database
) -> None:
    """Two requests want one row. The first would let go of it, if the second had not stopped the loop they share.

    Nothing but the server's lock_timeout gets such a process going again.
    """
    async with database.session() as session:
        session.add(Account(id=1, name="a"))
    second = make_database("postgresql", engine_options={"connect_args": {"options": "-c lock_timeout=1s"}})
    app = application()
    locked, asked = asyncio.Event(), asyncio.Event()
    update = text("UPDATE account SET name = name || 'b'")

    @app.post("/first")
    async def first(session: SessionDep) -> None:
        await session.execute(update)
        locked.set()
        await asked.wait()

    loop = asyncio.get_running_loop()

    def write() -> None:
        loop.call_soon_threadsafe(asked.set)
        with second.sync_session() as session:
            session.execute(update)

    if kind == "sync session in async def":

        @app.post("/second")
        async def blocking() -> None:
            write()

    elif kind == "sync session in def":

        @app.post("/second")
        def in_a_thread() -> None:
            write()

    else:

        @app.post("/second")
        async def awaiting(session: SessionDep) -> None:
            asked.set()
            await session.execute(update)

    async with client(app) as http:
        waiting = asyncio.ensure_future(http.post("/first"))
        await locked.wait()
        answer = await http.post("/second")
        assert answer.status_code == (500 if kind == "sync session in async def" else 200)
        assert (await waiting).status_code == 200
