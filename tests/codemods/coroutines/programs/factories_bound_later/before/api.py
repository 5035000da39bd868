from fastapi import Depends, FastAPI
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connection import get_flushing, get_later, get_made_here, get_opened, get_twice
from models import Tag

app = FastAPI()


@app.post("/later")
def later(name: str, db: Session = Depends(get_later)):
    db.add(Tag(name=name))
    before = db.scalar(select(func.count(Tag.id)))
    db.commit()
    return [before, db.scalar(select(func.count(Tag.id)))]


@app.post("/opened")
def opened(name: str, db: Session = Depends(get_opened)):
    db.add(Tag(name=name))
    before = db.scalar(select(func.count(Tag.id)))
    db.commit()
    return [before, db.scalar(select(func.count(Tag.id)))]


@app.post("/flushing")
def flushing(name: str, db: Session = Depends(get_flushing)):  # stays: other-sessions
    db.add(Tag(name=name))
    return db.scalar(select(func.count(Tag.id)))


@app.post("/twice")
def twice(name: str, db: Session = Depends(get_twice)):  # stays: other-sessions
    db.add(Tag(name=name))
    return db.scalar(select(func.count(Tag.id)))


@app.post("/made_here")
def made_here(name: str, db=(Depends(get_made_here))):
    db.add(Tag(name=name))
    before = db.scalar(select(func.count(Tag.id)))
    db.commit()
    return [before, db.scalar(select(func.count(Tag.id)))]
