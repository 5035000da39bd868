from alchemove import session_override
from sqlalchemy.orm import Session

from api import app
from database import engine, get_db
from models import User
from session import get_session


def requests(client):  # stays: not-reached
    with Session(engine) as session:
        session.add(User(name="dora"))
        app.dependency_overrides[get_db] = lambda: session
        app.dependency_overrides[get_session] = session_override(lambda: session)
        yield client.get("/users")
        yield client.get("/count")
        if session: app.dependency_overrides.pop(get_db); app.dependency_overrides.pop(get_session)  # noqa: E701
        app.dependency_overrides = {get_db: lambda: session, get_session: session_override(lambda: session)}
        yield client.get("/users")
        yield client.get("/count")
        del app.dependency_overrides[get_db]
        del app.dependency_overrides[get_session]
        yield client.get("/users")
        session.rollback()
