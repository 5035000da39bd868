from fastapi import Depends, FastAPI
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connection import get_always, get_db, get_of_classes, get_scoped, get_shared
from models import Tag

app = FastAPI()


@app.post("/tags")
def create(name: str, db: Session = Depends(get_db)):
    db.add(Tag(name=name))
    if name != "dropped":
        db.commit()
    return db.scalar(select(func.count(Tag.id)))


@app.get("/tags")
async def tags(db: Session = Depends(get_scoped)):
    return list(db.scalars(select(Tag.name).order_by(Tag.id)))


@app.get("/shared")
def of_thread(db: Session = Depends(get_shared)):  # stays: other-sessions
    return db.scalar(select(func.count(Tag.id)))


@app.get("/always")
def of_all(db: Session = Depends(get_always)):  # stays: other-sessions
    return db.scalar(select(func.count(Tag.id)))


@app.get("/of_classes")
def of_classes(db: Session = Depends(get_of_classes)):
    return db.scalar(select(func.count(Tag.id)))
