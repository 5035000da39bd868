from unittest.mock import MagicMock

from alchemove import session_override
from sqlalchemy.orm import Session

from api import app
from database import SessionLocal, get_db
from session import get_session


class Failing:
    def execute(self, *_):
        raise RuntimeError("database is down")

    def close(self):
        pass


def failing_db():
    yield Failing()


def own_db():  # stays: not-reached
    with SessionLocal() as session:
        yield session


def override_by(session):
    def override():
        return session

    return override


def requests(client):
    yield client.get("/ready")
    original = app.dependency_overrides.get(get_db)
    app.dependency_overrides[get_db] = failing_db
    app.dependency_overrides[get_session] = session_override(failing_db)
    yield client.get("/ready")
    if original is None:
        del app.dependency_overrides[get_db]
        del app.dependency_overrides[get_session]
    else:
        app.dependency_overrides[get_db] = original
        app.dependency_overrides[get_session] = session_override(original)
    session = MagicMock(spec=Session)
    session.get.return_value.name = "mocked"
    session.scalars.return_value.first.return_value.id = 12
    app.dependency_overrides[get_db] = lambda: session
    app.dependency_overrides[get_session] = session_override(lambda: session)
    yield client.get("/user")
    yield client.get("/tags/news")
    yield client.post("/tags/mocked")
    yield [session.add.call_count, session.commit.call_count, session.flush.call_count]
    app.dependency_overrides[get_db] = override_by(session)
    app.dependency_overrides[get_session] = session_override(app.dependency_overrides[get_db])
    yield client.post("/tags/again")
    yield session.commit.call_count
    overrides = app.dependency_overrides
    overrides[get_db] = own_db
    overrides[get_session] = session_override(own_db)
    yield client.post("/tags/own")
    yield client.get("/tags/own")
    app.dependency_overrides.setdefault(get_db, failing_db)
    app.dependency_overrides.setdefault(get_session, session_override(failing_db))
    yield client.get("/ready")
    app.dependency_overrides.clear()
    yield client.get("/user")
