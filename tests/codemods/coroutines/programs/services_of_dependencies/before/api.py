import asyncio
from collections.abc import Iterator

from alchemove import discard_uncommitted
from fastapi import Depends, FastAPI, HTTPException

from services import Counter, Tags, TagService
from session import get_sync_session

app = FastAPI()


def get_tag_service() -> Iterator[TagService]:
    with get_sync_session() as db:
        discard_uncommitted(db)
        tags = Tags(db)
        yield TagService(tags)


def get_counter() -> Iterator[Counter]:  # stays: sync-session
    with get_sync_session() as db:
        discard_uncommitted(db)
        yield Counter(db)


@app.post("/tags")
def add(name: str, service: TagService = Depends(get_tag_service)):
    return service.added(name)


@app.get("/tags")
def names(service: TagService = Depends(get_tag_service)):
    return service.names()


@app.post("/forgotten")
def forget(name: str, service: TagService = Depends(get_tag_service)):
    return service.forget(name)


@app.post("/raised")
def raised(name: str, service: TagService = Depends(get_tag_service)):
    service.forget(name)
    raise HTTPException(409, name)


async def nothing() -> None:
    """What an event loop of its own is started for."""


@app.get("/counted")
def counted(counter: Counter = Depends(get_counter)):  # stays: event-loop
    asyncio.run(nothing())
    return counter.count()
