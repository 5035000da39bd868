from fastapi import Depends, FastAPI
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connection import (
    get_counting,
    get_flushing,
    get_on_another,
    get_replaced,
    get_shown,
    opened,
)
from models import Tag
from session import SessionDep

app = FastAPI()


@app.post("/tags")
async def create(name: str, db: SessionDep):
    db.add(Tag(name=name))
    before = await db.scalar(select(func.count(Tag.id)))
    await db.commit()
    return [before, await db.scalar(select(func.count(Tag.id)))]


@app.get("/at-once")
async def at_once(db: SessionDep):
    return list(await db.scalars(select(Tag.name).order_by(Tag.id)))


@app.post("/configured")
async def configured(name: str, db: SessionDep):
    tag = Tag(name=name)
    db.add(tag)
    await db.flush()
    await db.refresh(tag)
    return tag.name


@app.get("/of-engine")
async def of_engine(db: SessionDep):
    return await db.scalar(select(func.count(Tag.id)))


@app.post("/flushing")
def flushing(name: str, db: Session = Depends(get_flushing)):  # stays: other-sessions
    db.add(Tag(name=name))
    return db.scalar(select(func.count(Tag.id)))


@app.post("/at-import")
async def at_import(name: str, db: SessionDep):
    db.add(Tag(name=name))
    before = await db.scalar(select(func.count(Tag.id)))
    await db.commit()
    return [before, await db.scalar(select(func.count(Tag.id)))]


@app.get("/on-another")
def on_another(db: Session = Depends(get_on_another)):  # stays: other-sessions
    return db.scalar(select(func.count(Tag.id)))


@app.get("/counting")
def counting(db: Session = Depends(get_counting)):  # stays: other-sessions
    return [db.scalar(select(func.count(Tag.id))), len(opened)]


@app.get("/replaced")
def replaced(db: Session = Depends(get_replaced)):  # stays: other-sessions
    return db.scalar(select(func.count(Tag.id)))


@app.get("/shown")
def shown(db: Session = Depends(get_shown)):  # stays: custom-dependency
    return db.scalar(select(func.count(Tag.id)))
