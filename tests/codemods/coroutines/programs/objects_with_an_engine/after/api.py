from alchemove import discard_uncommitted
from fastapi import FastAPI
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from session import SessionDep
from models import Tag

app = FastAPI()


async def added(db: AsyncSession, name: str) -> list[int | None]:
    db.add(Tag(name=name))
    before = await db.scalar(select(func.count(Tag.id)))
    await db.flush()
    return [before, await db.scalar(select(func.count(Tag.id)))]


@app.post("/of_the_object")
async def of_the_object(name: str, db: SessionDep):
    discard_uncommitted(db)
    return await added(db, name)


@app.post("/by_its_name")
async def by_its_name(name: str, db: SessionDep):
    found = await added(db, name)
    await db.commit()
    return found


@app.post("/committed")
async def committed(name: str, db: SessionDep):
    return await added(db, name)


@app.post("/opened")
async def opened(name: str, db: SessionDep):
    discard_uncommitted(db)
    return await added(db, name)


@app.post("/local")
async def local(name: str, db: SessionDep):
    discard_uncommitted(db)
    return await added(db, name)


@app.post("/handed")
async def handed(name: str, db: SessionDep):
    discard_uncommitted(db)
    return await added(db, name)
