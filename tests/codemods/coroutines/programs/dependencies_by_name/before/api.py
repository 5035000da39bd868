from fastapi import Depends, FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session

import deps
from deps import DBSession, FirstUser, Found, Typed
from models import Tag, User

app = FastAPI()


@app.get("/tags")
def tags(db: Session = DBSession):
    return [tag.name for tag in db.scalars(select(Tag).order_by(Tag.id))]


@app.get("/team")
def team(user: User = FirstUser, db: Session = deps.DBSession):
    return [user.name, user.logins, db.get(User, 2).name]


@app.post("/typed")
def typed(name: str, db: Session = Typed):
    db.add(Tag(name=name))
    db.commit()
    return name


@app.get("/found")
def found(db: Found):
    return [tag.name for tag in db.scalars(select(Tag).order_by(Tag.id))]


@app.get("/cached")
def cached(db: Session = deps.Cached):  # stays: custom-dependency
    return db.get(Tag, 1).name


@app.get("/later")
def later(db: Session = deps.Later):  # stays: sync-session
    return db.get(Tag, 1).name


@app.get("/beside")
def beside(db: Session = Depends(deps.get_db), name: str = "a"):
    return [name, db.get(Tag, 1).name]
