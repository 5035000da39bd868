from fastapi import Depends, FastAPI
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connection import kept, other
from models import Tag

app = FastAPI()


@app.post("/kept")
def of_one(name: str, db: Session = Depends(kept.get_db)):  # stays: other-sessions
    db.add(Tag(name=name))
    return db.scalar(select(func.count(Tag.id)))


@app.post("/other")
def of_the_other(name: str, db: Session = Depends(other.get_db)):  # stays: other-sessions
    db.add(Tag(name=name))
    return db.scalar(select(func.count(Tag.id)))
