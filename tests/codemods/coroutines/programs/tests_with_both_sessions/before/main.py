from sqlalchemy.orm import Session

from api import app
from database import engine, get_db
from models import User


def requests(client):  # stays: not-reached
    with Session(engine) as session:
        session.add(User(name="dora"))
        app.dependency_overrides[get_db] = lambda: session
        yield client.get("/users")
        yield client.get("/count")
        if session: app.dependency_overrides.pop(get_db)  # noqa: E701
        app.dependency_overrides = {get_db: lambda: session}
        yield client.get("/users")
        yield client.get("/count")
        del app.dependency_overrides[get_db]
        yield client.get("/users")
        session.rollback()
