from fastapi import Depends, FastAPI
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from models import Tag
from own import get_archive, get_unflushed, get_unknown
from session import SessionDep

app = FastAPI()


@app.get("/unflushed")
def unflushed(db: Session = Depends(get_unflushed)):  # stays: other-sessions
    db.add(Tag(name="new"))
    count = db.scalar(select(func.count(Tag.id)))
    db.rollback()
    return count


@app.get("/archive")
def of_the_archive(db: Session = Depends(get_archive)):  # stays: other-sessions
    return db.scalar(text("SELECT 1"))


@app.get("/unknown")
def of_an_unknown_factory(db: Session = Depends(get_unknown)):  # stays: other-sessions
    return db.scalar(select(func.count(Tag.id)))


@app.get("/same")
async def same(db: SessionDep):
    return await db.scalar(select(func.count(Tag.id)))


@app.get("/local")
async def local(db: SessionDep):
    return await db.scalar(select(func.count(Tag.id)))


@app.get("/engine")
async def of_the_engine(db: SessionDep):
    return await db.scalar(select(func.count(Tag.id)))
