import pytest

from alchemove import async_session

from crud import titles


@pytest.mark.anyio
async def test_titles(db):
    assert (await titles(async_session(db)))[:2] == ["one", "two"]


def test_nothing():
    assert True
