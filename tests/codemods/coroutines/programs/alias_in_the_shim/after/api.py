from alchemove import discard_uncommitted, session_depends
from fastapi import Depends, FastAPI
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from database import DbDep, SessionDep
from models import Tag, User
from session import SessionDep as SessionDep_, get_session as get_session_

app = FastAPI()


async def first(db: DbDep):
    return await db.get(User, 1)


@app.get("/tags")
async def tags(db: SessionDep):
    return [tag.name for tag in await db.scalars(select(Tag).order_by(Tag.id))]


@app.post("/tags")
async def add_tag(name: str, db: SessionDep):
    db.add(Tag(name=name))
    await db.flush()
    return name


@app.post("/forgotten")
async def forgotten(name: str, db: DbDep):
    discard_uncommitted(db)
    db.add(Tag(name=name))
    return name


@app.get("/user")
async def user(found: User = Depends(first), db: AsyncSession = session_depends(get_session_)):
    return [found.name, (await db.get(User, 2)).name]


@app.post("/own")
async def own(name: str, db: SessionDep_):
    discard_uncommitted(db)
    db.add(Tag(name=name))
    await db.flush()
    return [tag.name for tag in await db.scalars(select(Tag).order_by(Tag.id))]
