import anyio
import pytest

import crud

pytestmark = pytest.mark.anyio


async def test_a_coroutine():
    await anyio.sleep(0)


def test_a_user(db):
    assert crud.user_named(db, "ada").name == "ada"
