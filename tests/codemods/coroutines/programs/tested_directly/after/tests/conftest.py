import asyncio

from alchemove import async_session
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
    return asyncio.run(crud.user_named(async_session(db), "ada"))


@pytest.fixture
def somebody(db):
    user = random_user(db)
    yield user
    assert asyncio.run(crud.user_named(async_session(db), name=user.name)) is user


@pytest.fixture
def repository(db):
    return crud.PostRepository(async_session(db))
