from alchemove import async_session
import anyio
import pytest

import crud

pytestmark = pytest.mark.anyio


async def test_a_coroutine():
    await anyio.sleep(0)


async def test_a_user(db):
    assert (await crud.user_named(async_session(db), "ada")).name == "ada"
