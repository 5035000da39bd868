from typing import Annotated, Optional

from fastapi import Depends, FastAPI
from sqlalchemy import select
from sqlalchemy.orm import sessionmaker

import database
from database import SessionLocal, get_db
from deps import Counter, get_annotated, get_marked, get_told, given
from models import Tag, User
from store import add, names

app = FastAPI()


@app.get("/tags")
def tags(db: SessionLocal = Depends(get_db)):
    return names(db)


@app.post("/tags")
def create(name: str, db: Annotated[SessionLocal, Depends(get_annotated)]):
    add(db, name)
    db.commit()
    return names(db)


@app.post("/marked")
async def create_marked(name: str, db: database.SessionLocal = Depends(get_marked)):
    add(db, name)
    db.commit()
    return db.scalars(select(Tag.name).order_by(Tag.id.desc())).first()


@app.post("/told")
def create_told(name: str, db: SessionLocal = Depends(get_told)):  # stays: custom-dependency
    add(db, name)
    db.commit()
    return given


@app.get("/count")
def count(counter: Counter = Depends()):
    return counter.count()


def open_one(factory: sessionmaker) -> Optional[User]:  # stays: sync-session
    with factory() as db:
        return db.get(User, 1)


@app.get("/own")
def own():
    user = open_one(SessionLocal)
    return user.name
