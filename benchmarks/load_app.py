"""The application that `load.py` loads: a small FastAPI service on `alchemove.SessionDep`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from sqlalchemy import UniqueConstraint
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, TimeoutError  # noqa: A004
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from alchemove import SessionDep, default_database


class Base(DeclarativeBase):
    """The tables."""


class Account(Base):
    """Its unique name is checked at the commit, so that commits can fail."""

    __tablename__ = "account"
    __table_args__ = (UniqueConstraint("name", deferrable=True, initially="DEFERRED"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Tables at the start, no connection left at the end."""
    database = default_database()
    await database.create_db_tables_async(Base)
    yield
    await database.dispose()


class CancelOnDisconnect:
    """Cancels a request whose client has gone, as some middlewares and servers do."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one request, or its beginning."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        first = await receive()
        request = asyncio.ensure_future(self._app(scope, _once(first), send))
        gone = asyncio.ensure_future(receive())
        await asyncio.wait([request, gone], return_when=asyncio.FIRST_COMPLETED)
        if not request.done():
            request.cancel()
            await asyncio.wait([request])
            return
        gone.cancel()
        await request


def _once(message: Any) -> Any:
    messages = [message]

    async def receive() -> Any:
        if messages:
            return messages.pop()
        return await asyncio.get_running_loop().create_future()

    return receive


app = FastAPI(lifespan=lifespan)


@app.exception_handler(IntegrityError)
async def conflict(_: Request, __: Exception) -> JSONResponse:
    """A commit that failed."""
    return JSONResponse({"detail": "conflict"}, 409)


@app.exception_handler(DBAPIError)
@app.exception_handler(OperationalError)
@app.exception_handler(TimeoutError)
async def unavailable(_: Request, error: Exception) -> JSONResponse:
    """A database that is away, or a pool that is exhausted."""
    return JSONResponse({"detail": type(error).__name__, "reason": str(error)[:200]}, 503)


@app.post("/accounts/{name}")
async def create(name: str, session: SessionDep) -> dict[str, Any]:
    """Write one row."""
    account = Account(name=name)
    session.add(account)
    await session.flush()
    return {"id": account.id}


@app.get("/health")
async def health() -> dict[str, Any]:
    """The state of the pool."""
    return (await default_database().healthcheck()).public()


application = CancelOnDisconnect(app)
