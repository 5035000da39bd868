from contextlib import contextmanager

from fastapi import FastAPI, Request, Response
from starlette.middleware.base import BaseHTTPMiddleware

from database import SessionLocal

app = FastAPI()


@app.middleware("http")
async def plain(request: Request, call_next):
    request.state.plain = SessionLocal()  # stays: unread-session
    response = await call_next(request)
    request.state.plain.close()
    return response


@app.middleware("http")
async def careful(request: Request, call_next):
    response = Response("Internal server error", status_code=500)
    try:
        request.state.careful = SessionLocal()  # stays: unread-session
        response = await call_next(request)
        response.headers["X-Session"] = "closed"
    except ValueError:
        request.state.careful.rollback()
        raise
    finally:
        request.state.careful.close()
    return response


@app.middleware("http")
async def block(request: Request, call_next):  # stays: sync-session
    with SessionLocal() as db:  # stays: unread-session
        request.state.block = db
        return await call_next(request)


class Dispatched(BaseHTTPMiddleware):
    async def dispatch(self, request: Request, call_next):  # stays: sync-session
        session = SessionLocal()  # stays: unread-session
        request.state.dispatched = session
        try:
            return await call_next(request)
        finally:
            session.close()


app.add_middleware(Dispatched)


@app.middleware("http")
async def committed(request: Request, call_next):
    request.state.committed = SessionLocal()
    response = await call_next(request)
    request.state.committed.commit()
    request.state.committed.close()
    return response


@contextmanager
def managed_session():  # stays: sync-session
    db = SessionLocal()
    try:
        yield db
        db.commit()
    finally:
        db.close()


@app.middleware("http")
async def managed(request: Request, call_next):  # stays: consumed-generator
    with managed_session() as db:
        request.state.managed = db
        return await call_next(request)


@app.middleware("http")
async def read(request: Request, call_next):
    request.state.read = SessionLocal()
    response = await call_next(request)
    request.state.read.close()
    return response


@app.middleware("http")
async def names(request: Request, call_next):
    """Inside of the one above."""
    response = await call_next(request)
    response.headers["X-New"] = str(len(request.state.read.new)) if hasattr(request.state, "user") else "0"
    return response


@app.middleware("http")
async def asked(request: Request, call_next):
    request.state.asked = SessionLocal()
    response = await call_next(request)
    response.headers["X-Asked"] = type(getattr(request.state, "asked")).__name__
    request.state.asked.close()
    return response


@app.middleware("http")
async def called(request: Request, call_next):
    request.state.called = SessionLocal()
    response = await call_next(request)
    request.state.called.close()
    return response


@app.middleware("http")
async def late(request: Request, call_next):
    request.state.late = SessionLocal()
    request.state.late.close()
    return await call_next(request)
