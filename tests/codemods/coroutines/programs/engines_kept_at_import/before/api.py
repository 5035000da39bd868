from fastapi import Depends, FastAPI, HTTPException
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connection import get_db, get_other, seen
from models import Tag

app = FastAPI()


@app.post("/tags")
def create(name: str, db: Session = Depends(get_db)):
    db.add(Tag(name=name))
    before = db.scalar(select(func.count(Tag.id)))
    if name == "refused":
        raise HTTPException(409, name)
    db.commit()
    return [before, db.scalar(select(func.count(Tag.id))), len(seen)]


@app.get("/other")
def other(db: Session = Depends(get_other)):  # stays: other-sessions
    return db.scalar(select(func.count(Tag.id)))
