from fastapi import Depends, FastAPI
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from models import Tag
from own import get_archive, get_local, get_of_engine, get_same, get_unflushed, get_unknown

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
def same(db: Session = Depends(get_same)):
    return db.scalar(select(func.count(Tag.id)))


@app.get("/local")
def local(db: Session = Depends(get_local)):
    return db.scalar(select(func.count(Tag.id)))


@app.get("/engine")
def of_the_engine(db: Session = Depends(get_of_engine)):
    return db.scalar(select(func.count(Tag.id)))
