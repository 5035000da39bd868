from fastapi import Depends, FastAPI
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connection import (
    get_at_import,
    get_at_once,
    get_configured,
    get_counting,
    get_db,
    get_flushing,
    get_of_engine,
    get_on_another,
    get_replaced,
    get_shown,
    opened,
)
from models import Tag

app = FastAPI()


@app.post("/tags")
def create(name: str, db: Session = Depends(get_db)):
    db.add(Tag(name=name))
    before = db.scalar(select(func.count(Tag.id)))
    db.commit()
    return [before, db.scalar(select(func.count(Tag.id)))]


@app.get("/at-once")
def at_once(db: Session = Depends(get_at_once)):
    return list(db.scalars(select(Tag.name).order_by(Tag.id)))


@app.post("/configured")
def configured(name: str, db: Session = Depends(get_configured)):
    tag = Tag(name=name)
    db.add(tag)
    db.commit()
    db.refresh(tag)
    return tag.name


@app.get("/of-engine")
def of_engine(db: Session = Depends(get_of_engine)):
    return db.scalar(select(func.count(Tag.id)))


@app.post("/flushing")
def flushing(name: str, db: Session = Depends(get_flushing)):  # stays: other-sessions
    db.add(Tag(name=name))
    return db.scalar(select(func.count(Tag.id)))


@app.post("/at-import")
def at_import(name: str, db: Session = Depends(get_at_import)):
    db.add(Tag(name=name))
    before = db.scalar(select(func.count(Tag.id)))
    db.commit()
    return [before, db.scalar(select(func.count(Tag.id)))]


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
