import asyncio
from unittest.mock import MagicMock

from alchemove import async_session
import pytest
from fastapi import HTTPException
from sqlalchemy import func, select

import api
import crud
from models import User
from tests.utils import CHECKS, random_user


async def test_a_user_is_created(db):
    before = db.scalar(select(func.count(User.id)))
    user = await crud.create_user(async_session(db), name="dan")
    assert user.name == "dan"
    assert db.scalar(select(func.count(User.id))) == before + 1
    assert await crud.user_named(async_session(db), "dan") is user
    assert user.posts == []


def test_a_fixture_runs_a_coroutine(db, ada, somebody):
    assert (ada.name, somebody.name) == ("ada", "zoe")
    assert somebody in db


def test_a_helper_runs_a_coroutine(db):
    assert [random_user(db, name).name for name in ("x", "y")] == ["x", "y"]
    assert asyncio.run(crud.user_named(async_session(db), "x")).name == "x"


async def test_nobody_is_refused(db):
    with pytest.raises(HTTPException):
        await api.current_user("nobody", async_session(db))
    assert (await api.current_user(name="ada", db=async_session(db))).name == "ada"


@pytest.mark.parametrize("count", [3])
async def test_a_repository(repository, db, count):
    assert len(await repository.titles()) == count
    assert await crud.PostRepository(async_session(db)).titles() == await repository.titles()


async def test_a_coroutine_awaits(db):
    db.commit()
    assert (await crud.user_named(async_session(db), "ada")).name == "ada"


def test_checks(db):
    assert [check(db) for check in CHECKS] == [2]


def test_a_mock():
    db = MagicMock()
    db.scalar.return_value = 7
    assert crud.mocked(db) == 7


class Names:
    def names(self):
        return ["fake"]


def test_a_report_of_a_fake():
    assert crud.Report(Names()).lines() == ["Fake"]


def test_a_session_that_nothing_uses_is_left_out(monkeypatch):
    monkeypatch.setattr(api, "name_of", lambda name, db: "ada")
    assert api.guard("somebody") == "somebody"
