"""The dependencies of tests, in a file of their own."""

from alchemove import session_override
from sqlalchemy.orm import sessionmaker

from api import app
from database import engine
from session import get_session

TestingSession = sessionmaker(autoflush=False, bind=engine)


def override_get_db():  # stays: not-reached
    db = TestingSession()
    try:
        yield db
    finally:
        db.close()


def install():
    app.dependency_overrides[get_session] = session_override(override_get_db)
