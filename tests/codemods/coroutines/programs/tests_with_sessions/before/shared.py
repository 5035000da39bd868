"""The dependencies of tests, in a file of their own."""

from sqlalchemy.orm import sessionmaker

from api import app
from database import engine, get_db

TestingSession = sessionmaker(autoflush=False, bind=engine)


def override_get_db():  # stays: not-reached
    db = TestingSession()
    try:
        yield db
    finally:
        db.close()


def install():
    app.dependency_overrides[get_db] = override_get_db
