from fastapi import Depends, FastAPI
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connection import get_flushing, get_twice
from models import Tag
from session import SessionDep

app = FastAPI()


@app.post("/later")
async def later(name: str, db: SessionDep):
    db.add(Tag(name=name))
    before = await db.scalar(select(func.count(Tag.id)))
    await db.commit()
    return [before, await db.scalar(select(func.count(Tag.id)))]


@app.post("/opened")
async def opened(name: str, db: SessionDep):
    db.add(Tag(name=name))
    before = await db.scalar(select(func.count(Tag.id)))
    await db.commit()
    return [before, await db.scalar(select(func.count(Tag.id)))]


@app.post("/flushing")
def flushing(name: str, db: Session = Depends(get_flushing)):  # stays: other-sessions
    db.add(Tag(name=name))
    return db.scalar(select(func.count(Tag.id)))


@app.post("/twice")
def twice(name: str, db: Session = Depends(get_twice)):  # stays: other-sessions
    db.add(Tag(name=name))
    return db.scalar(select(func.count(Tag.id)))


@app.post("/made_here")
async def made_here(name: str, db: SessionDep):
    db.add(Tag(name=name))
    before = await db.scalar(select(func.count(Tag.id)))
    await db.commit()
    return [before, await db.scalar(select(func.count(Tag.id)))]
