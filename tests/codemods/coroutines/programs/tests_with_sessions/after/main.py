from alchemove import session_override
from sqlalchemy import select
from sqlalchemy.orm import Session

import database
from api import app
from database import engine
from models import User
from session import get_session
from shared import install, override_get_db


def requests(client):  # stays: not-reached
    yield client.get("/users")
    install()
    yield client.post("/users?name=dora")
    yield client.get("/users")
    yield from shared_session(client)
    yield from in_a_transaction(client)
    app.dependency_overrides.update({get_session: session_override(override_get_db)})
    yield client.get("/first")
    del app.dependency_overrides[get_session]
    app.dependency_overrides = {get_session: session_override(override_get_db)}
    yield client.get("/first")
    app.dependency_overrides.pop(get_session)
    yield client.get("/first")
    app.dependency_overrides.pop(get_session, None)
    app.dependency_overrides.clear()


def shared_session(client):  # stays: not-reached
    """What the test wrote and did not commit is there for the request; what that commits, too."""
    with Session(engine) as session:

        def get_session_override():
            return session

        app.dependency_overrides[get_session] = session_override(get_session_override)
        session.add(User(name="emil"))
        yield client.get("/users")
        yield client.post("/users?name=fred")
        app.dependency_overrides[get_session] = session_override(lambda: session)
        yield client.post("/users?name=nobody")
        yield sorted(session.scalars(select(User.name)))


def in_a_transaction(client):  # stays: not-reached
    with engine.connect() as connection:
        transaction = connection.begin()
        session = Session(bind=connection)
        app.dependency_overrides[get_session] = session_override(lambda: session)
        user = User(name="gone")
        session.add(user)
        session.commit()
        yield client.post("/users?name=gone too")
        yield [user.name, user.logins]
        session.close()
        transaction.rollback()
