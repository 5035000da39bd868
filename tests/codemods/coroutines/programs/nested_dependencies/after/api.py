from alchemove import discard_uncommitted, session_depends
from fastapi import Depends, FastAPI, HTTPException
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

import deps
from deps import async_get_other_error
from models import Tag
from session import SessionDep

app = FastAPI()


@app.get("/tags")
async def tags(db: SessionDep):
    return [tag.name for tag in await db.scalars(select(Tag).order_by(Tag.id))]


@app.post("/committing")
async def post_committing(name: str, db: SessionDep):
    db.add(Tag(name=name))
    if name == "refused":
        raise HTTPException(409, name)
    return name


@app.post("/closing")
async def post_closing(name: str, db: SessionDep):
    discard_uncommitted(db)
    db.add(Tag(name=name))
    if name == "refused":
        raise HTTPException(409, name)
    return name


@app.post("/closing_committed")
async def post_closing_committed(name: str, db: SessionDep):
    db.add(Tag(name=name))
    if name == "refused":
        raise HTTPException(409, name)
    return name


@app.post("/telling")
def post_telling(name: str, db: Session = Depends(deps.get_telling)):  # stays: custom-dependency
    db.add(Tag(name=name))
    if name == "refused":
        raise HTTPException(409, name)
    return name


@app.post("/unit")
def post_unit(name: str, db: Session = Depends(deps.get_unit)):  # stays: custom-dependency
    db.add(Tag(name=name))
    if name == "refused":
        raise HTTPException(409, name)
    return name


@app.post("/scope")
async def post_scope(name: str, db: SessionDep):
    discard_uncommitted(db)
    db.add(Tag(name=name))
    if name == "refused":
        raise HTTPException(409, name)
    return name


@app.post("/from")
async def post_from(name: str, db: SessionDep):
    discard_uncommitted(db)
    db.add(Tag(name=name))
    if name == "refused":
        raise HTTPException(409, name)
    return name


@app.post("/from_committing")
async def post_from_committing(name: str, db: SessionDep):
    db.add(Tag(name=name))
    if name == "refused":
        raise HTTPException(409, name)
    return name


@app.post("/other_error")
async def post_other_error(name: str, db: AsyncSession = session_depends(async_get_other_error)):
    db.add(Tag(name=name))
    if name == "refused":
        raise HTTPException(409, name)
    return name


@app.post("/asked")
async def post_asked(name: str, db: SessionDep):
    discard_uncommitted(db)
    db.add(Tag(name=name))
    if name == "refused":
        raise HTTPException(409, name)
    return name


@app.post("/asked_otherwise")
async def post_asked_otherwise(name: str, db: SessionDep):
    db.add(Tag(name=name))
    if name == "refused":
        raise HTTPException(409, name)
    return name


@app.post("/async")
async def post_async(name: str, db: SessionDep):
    discard_uncommitted(db)
    db.add(Tag(name=name))
    if name == "refused":
        raise HTTPException(409, name)
    return name
