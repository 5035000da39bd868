from alchemove import discard_uncommitted, session_depends
from fastapi import Depends, FastAPI, HTTPException
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from deps import (
    async_get_told,
    get_read,
    get_remembering,
    get_swallowing,
)
from models import Tag
from session import SessionDep

app = FastAPI()


@app.get("/tags")
async def tags(db: SessionDep):
    return [tag.name for tag in await db.scalars(select(Tag).order_by(Tag.id))]


@app.post("/committed")
async def committed(name: str, db: SessionDep):
    db.add(Tag(name=name))
    if name == "refused":
        raise HTTPException(409, name)
    return name


@app.post("/committed-otherwise")
async def committed_otherwise(name: str, db: SessionDep):
    db.add(Tag(name=name))
    if name == "refused":
        raise HTTPException(409, name)
    return name


@app.post("/block")
async def block(name: str, db: SessionDep):
    db.add(Tag(name=name))
    if name == "refused":
        raise HTTPException(409, name)
    return name


@app.post("/begun")
async def begun(name: str, db: SessionDep):
    db.add(Tag(name=name))
    if name == "refused":
        raise HTTPException(409, name)
    return name


@app.post("/begun-inside")
async def begun_inside(name: str, db: SessionDep):
    db.add(Tag(name=name))
    if name == "refused":
        raise HTTPException(409, name)
    return name


@app.post("/swallowing")
def swallowing(name: str, db: Session = Depends(get_swallowing)):  # stays: custom-dependency
    db.add(Tag(name=name))
    if name == "refused":
        raise HTTPException(409, name)
    return name


@app.post("/told")
async def told(name: str, db: AsyncSession = session_depends(async_get_told)):
    db.add(Tag(name=name))
    if name == "refused":
        raise HTTPException(409, name)
    return name


@app.post("/nobody")
async def nobody(name: str, db: SessionDep):
    db.add(Tag(name=name))
    await db.commit()
    return name


@app.post("/remembered")
def remembered(name: str, db: Session = Depends(get_remembering)):  # stays: custom-dependency
    tag = Tag(name=name)
    db.add(tag)
    db.commit()
    return tag.name


@app.post("/marked")
async def marked(name: str, db: SessionDep):
    """Nobody commits it."""
    discard_uncommitted(db)
    db.add(Tag(name=name))
    return name


@app.get("/read")
def read(db: Session = Depends(get_read)):  # stays: custom-dependency
    return [db.read_by, db.get(Tag, 1).name]
