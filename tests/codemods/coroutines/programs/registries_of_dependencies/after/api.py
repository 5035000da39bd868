from alchemove import discard_uncommitted
from fastapi import Depends, FastAPI
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connection import get_always, get_shared
from models import Tag
from session import SessionDep

app = FastAPI()


@app.post("/tags")
async def create(name: str, db: SessionDep):
    discard_uncommitted(db)
    db.add(Tag(name=name))
    if name != "dropped":
        await db.commit()
    return await db.scalar(select(func.count(Tag.id)))


@app.get("/tags")
async def tags(db: SessionDep):
    return list(await db.scalars(select(Tag.name).order_by(Tag.id)))


@app.get("/shared")
def of_thread(db: Session = Depends(get_shared)):  # stays: other-sessions
    return db.scalar(select(func.count(Tag.id)))


@app.get("/always")
def of_all(db: Session = Depends(get_always)):  # stays: other-sessions
    return db.scalar(select(func.count(Tag.id)))


@app.get("/of_classes")
async def of_classes(db: SessionDep):
    return await db.scalar(select(func.count(Tag.id)))
