import asyncio
from collections.abc import AsyncIterator, Iterator

from alchemove import discard_uncommitted
from fastapi import Depends, FastAPI, HTTPException

from services import Counter, Tags, TagService
from session import get_async_session, get_sync_session

app = FastAPI()


async def get_tag_service() -> AsyncIterator[TagService]:
    async with get_async_session() as db:
        discard_uncommitted(db)
        tags = Tags(db)
        yield TagService(tags)


def get_counter() -> Iterator[Counter]:  # stays: sync-session
    with get_sync_session() as db:
        discard_uncommitted(db)
        yield Counter(db)


@app.post("/tags")
async def add(name: str, service: TagService = Depends(get_tag_service)):
    return await service.added(name)


@app.get("/tags")
async def names(service: TagService = Depends(get_tag_service)):
    return await service.names()


@app.post("/forgotten")
async def forget(name: str, service: TagService = Depends(get_tag_service)):
    return await service.forget(name)


@app.post("/raised")
async def raised(name: str, service: TagService = Depends(get_tag_service)):
    await service.forget(name)
    raise HTTPException(409, name)


async def nothing() -> None:
    """What an event loop of its own is started for."""


@app.get("/counted")
def counted(counter: Counter = Depends(get_counter)):  # stays: event-loop
    asyncio.run(nothing())
    return counter.count()
