import pytest

import crud
from tests.engine import TestingSession, clear, fill
from tests.utils import random_user


@pytest.fixture
def db():
    fill()
    session = TestingSession()
    try:
        yield session
    finally:
        session.close()
        clear()


@pytest.fixture
def ada(db):
    return crud.user_named(db, "ada")


@pytest.fixture
def somebody(db):
    user = random_user(db)
    yield user
    assert crud.user_named(db, name=user.name) is user


@pytest.fixture
def repository(db):
    return crud.PostRepository(db)
