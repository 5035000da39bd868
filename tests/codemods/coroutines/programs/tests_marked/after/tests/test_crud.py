import asyncio
import unittest
from unittest.mock import patch

from alchemove import async_session
import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

import api
import crud
from models import User
from tests.conftest import engine_with_rows


@pytest.mark.asyncio
async def test_a_coroutine():
    await asyncio.sleep(0)


@pytest.mark.asyncio
async def test_a_user(db):
    assert (await crud.user_named(async_session(db), "ada")).name == "ada"


class TestTitles:
    @pytest.mark.asyncio
    @pytest.mark.parametrize("start", [0, 1])
    async def test_some(self, db, start):
        assert (await crud.titles(async_session(db)))[start:] == ["one", "two", "three"][start:]
        assert [(await crud.user_named(async_session(db), name)).id for name in ("ada", "ben")] == [1, 2]


def helped(db: Session) -> User:
    return asyncio.run(crud.user_named(async_session(db), "ben"))


def test_a_helper(db):
    assert helped(db) is asyncio.run(crud.user_named(async_session(db), "ben"))


@patch("crud.Post.__doc__", "patched")
def test_patched(db):
    assert len(asyncio.run(crud.titles(async_session(db)))) == 3


class TestOld(unittest.TestCase):
    def test_titles(self):
        with Session(engine_with_rows()) as db:
            assert len(asyncio.run(crud.titles(async_session(db)))) == 3


@pytest.mark.asyncio
async def test_a_request(db):
    assert TestClient(api.app).get("/openapi.json").status_code == 200
    assert await crud.titles(async_session(db))
