"""The session as a FastAPI dependency that commits before the response, on every FastAPI since 0.95.

When the code behind ``yield`` runs depends on FastAPI's version. Up to 0.105, and again from 0.118 on, it runs after
the response was sent: a commit that fails then (a deferred constraint, a serialization failure) leaves the client with
200 and a lost write, and a background task does not see the row.

=============== ==========================================================================
0.121 and later ``Depends(get_session, scope="function")``, which `SessionDep` is
0.118 to 0.120  the routes have to commit: `commit_before_response` or `CommitRoute`
0.106 to 0.117  the code behind ``yield`` runs before the response; nothing has to be done
0.95 to 0.105   the routes have to commit: `commit_before_response` or `CommitRoute`
=============== ==========================================================================

A session that would be committed too late is refused with `ResponseOrderError` before the endpoint runs.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated, Any

import fastapi
from fastapi import Depends, FastAPI
from fastapi.routing import APIRoute, request_response
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from alchemove.default import default_database
from alchemove.errors import ResponseOrderError

if TYPE_CHECKING:
    from alchemove.database import Database

_PENDING = "alchemove.pending"
_HAS_SCOPES = "scope" in inspect.signature(Depends).parameters


def _version() -> tuple[int, int]:
    found = re.match(r"(\d+)\.(\d+)", fastapi.__version__)
    return (int(found[1]), int(found[2])) if found else (0, 0)


_ROUTES_COMMIT = not _HAS_SCOPES and not (0, 106) <= _version() < (0, 118)

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
SessionDependency = Callable[..., AsyncGenerator[AsyncSession, None]]


def session_dependency(database: Callable[[], Database]) -> SessionDependency:
    """The dependency of a database, as `Database.get_session` gives it.

    Args:
        database: called for each request.
    """
    checked: dict[int, object] = {}

    async def get_session(connection: HTTPConnection = None) -> AsyncGenerator[AsyncSession, None]:  # type: ignore[assignment]
        """The request's session: committed before the response, rolled back when the endpoint raises."""
        # Outside of FastAPI, and for a websocket, there is no response that could come too early.
        in_request = connection is not None and connection.scope["type"] == "http"
        if in_request and _ROUTES_COMMIT:
            finishers: list[Callable[[], Awaitable[None]]] | None = connection.scope.get(_PENDING)
            if finishers is None:
                raise ResponseOrderError(
                    f"FastAPI {fastapi.__version__} sends the response before a dependency can commit, so that a lost "
                    "write would be answered with success. Call alchemove.commit_before_response(app) after the "
                    "routers are included, or use FastAPI 0.121 or later."
                )
            async with _finished_by_route(database(), finishers) as session:
                yield session
            return
        if in_request and _HAS_SCOPES:
            _require_function_scope(connection.scope.get("route"), get_session, checked)
        async with database().session() as session:
            yield session

    return get_session


@asynccontextmanager
async def _finished_by_route(
    database: Database, finishers: list[Callable[[], Awaitable[None]]]
) -> AsyncGenerator[AsyncSession, None]:
    manager = database.session()
    session = await manager.__aenter__()
    finished = False

    async def finish() -> None:
        nonlocal finished
        finished = True
        await manager.__aexit__(None, None, None)

    finishers.append(finish)
    try:
        yield session
    except BaseException:
        if not finished:
            await manager.__aexit__(*sys.exc_info())
        raise
    if not finished:
        await finish()


def _require_function_scope(route: Any, get_session: SessionDependency, checked: dict[int, object]) -> None:
    if id(route) in checked:
        return
    stack = [getattr(route, "dependant", None)]
    while stack:
        dependant = stack.pop()
        if dependant is None:
            continue
        if dependant.call is get_session and dependant.scope != "function":
            raise ResponseOrderError(
                f'{getattr(route, "path", "A route")} uses Depends(get_session) without scope="function": FastAPI '
                f"{fastapi.__version__} would commit after the response, and answer a lost write with success. Use "
                'SessionDep, or Depends(get_session, scope="function"), everywhere.'
            )
        stack.extend(dependant.dependencies)
    # Routes live as long as their application, and are kept so that no other object gets the id.
    checked[id(route)] = route


def session_depends(get_session: SessionDependency) -> Any:
    """What belongs into ``Annotated``, to declare the session of a database once for all endpoints.

    ``SessionDep = Annotated[AsyncSession, session_depends(database.get_session)]``

    Args:
        get_session: the dependency of a database.

    Returns:
        FastAPI's ``Depends``, with the scope that commits before the response where FastAPI has scopes.
    """
    if _HAS_SCOPES:
        return Depends(get_session, scope="function")
    return Depends(get_session)


class CommitRoute(APIRoute):
    """A route that commits the request's sessions after the endpoint and before the response.

    For ``APIRouter(route_class=CommitRoute)``. It does nothing on versions of FastAPI that need no help.
    """

    def get_route_handler(self) -> Handler:
        """The handler of the route."""
        return _committing(super().get_route_handler())


def commit_before_response(app: FastAPI) -> None:
    """Make all routes of an application commit before they respond, on the versions of FastAPI that need it.

    Call it after the routers are included; routes that are added later get it too. It does nothing on other versions,
    so it can stay until FastAPI is 0.121 or later.

    Args:
        app: the application.
    """
    if not _ROUTES_COMMIT:
        return
    app.router.route_class = CommitRoute
    for route in app.routes:
        if isinstance(route, APIRoute) and not isinstance(route, CommitRoute):
            route.app = request_response(_committing(route.get_route_handler()))


def _committing(inner: Handler) -> Handler:
    if not _ROUTES_COMMIT:
        return inner

    async def handler(request: Request) -> Response:
        finishers: list[Callable[[], Awaitable[None]]] = []
        request.scope[_PENDING] = finishers
        response = await inner(request)
        for finish in reversed(finishers):
            await finish()
        return response

    return handler


get_session: SessionDependency = session_dependency(default_database)
SessionDep = Annotated[AsyncSession, session_depends(get_session)]
