import asyncio
import unittest
from unittest.mock import patch

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


def test_a_user(db):
    assert crud.user_named(db, "ada").name == "ada"


class TestTitles:
    @pytest.mark.parametrize("start", [0, 1])
    def test_some(self, db, start):
        assert crud.titles(db)[start:] == ["one", "two", "three"][start:]
        assert [crud.user_named(db, name).id for name in ("ada", "ben")] == [1, 2]


def helped(db: Session) -> User:
    return crud.user_named(db, "ben")


def test_a_helper(db):
    assert helped(db) is crud.user_named(db, "ben")


@patch("crud.Post.__doc__", "patched")
def test_patched(db):
    assert len(crud.titles(db)) == 3


class TestOld(unittest.TestCase):
    def test_titles(self):
        with Session(engine_with_rows()) as db:
            assert len(crud.titles(db)) == 3


def test_a_request(db):
    assert TestClient(api.app).get("/openapi.json").status_code == 200
    assert crud.titles(db)
