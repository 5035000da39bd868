"""Objects that are made where they are given to what returns them: a commit gives them back as the columns hold them."""

from session import SessionDep
from fastapi import FastAPI
from prices import Thing
from sqlalchemy.ext.asyncio import AsyncSession

app = FastAPI()


class Things:
    def __init__(self, db: AsyncSession):
        self.db = db

    async def add(self, thing: Thing) -> Thing:
        self.db.add(thing)
        await self.db.flush()
        return thing


def put(db: AsyncSession, thing: Thing):
    db.add(thing)
    return thing


@app.post("/added")
async def added(db: SessionDep):
    thing = await Things(db).add(Thing(name="added"))
    await db.commit()
    await db.refresh(thing, attribute_names=["price"])
    return [thing.name, str(thing.price)]


@app.post("/put")
async def was_put(db: SessionDep):
    thing = put(db, Thing(name="put", price="2.345"))
    await db.commit()
    await db.refresh(thing, attribute_names=["price"])
    return [thing.id, str(thing.price)]
