from contextlib import contextmanager
from unittest.mock import MagicMock

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from api import app
from database import engine, get_db


@contextmanager
def broken():
    """The override that was there is taken away, and put back in the end."""
    before = app.dependency_overrides.pop(get_db, None)
    session = MagicMock(spec=Session)
    session.execute.side_effect = OperationalError("SELECT 1", {}, Exception("connection refused"))
    app.dependency_overrides[get_db] = lambda: session
    yield
    app.dependency_overrides.pop(get_db, None)
    if before is not None:
        app.dependency_overrides[get_db] = before


def requests(client):  # stays: not-reached
    yield client.get("/ready")
    with broken():
        yield client.get("/ready")
    yield client.get("/ready")
    with Session(engine) as session:
        app.dependency_overrides[get_db] = lambda: session
        yield client.post("/tags?name=one")
        with broken():
            yield client.get("/ready")
        yield client.post("/tags?name=two")
        yield [session.in_transaction(), get_db in app.dependency_overrides]
    app.dependency_overrides.clear()
    yield client.post("/tags?name=three")
