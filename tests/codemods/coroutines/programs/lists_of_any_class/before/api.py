"""Objects whose class is only known as a type variable, or not at all, load what is read of them; so do those that list() has taken from a result."""

import crud
from database import get_db
from fastapi import Depends, FastAPI
from models import User
from sqlalchemy import select
from sqlalchemy.orm import Session

app = FastAPI()


@app.get("/teams")
def teams(db: Session = Depends(get_db)):
    return [user.team.name for user in crud.user.get_multi(db)]  # stays: statement-form


@app.get("/titles")
def titles(db: Session = Depends(get_db)):
    found = {}
    for user in crud.user.get_multi(db, limit=2):
        found[user.name] = user.titles  # stays: statement-form
    return found


@app.get("/members")
def members(db: Session = Depends(get_db)):
    return [len(team.users) for team in crud.team.everything(db)]  # stays: statement-form


@app.post("/tags/{key}")
def untagged(key: int, db: Session = Depends(get_db)):
    post = crud.post.get(db, key)
    post.tags = []  # stays: statement-form
    post.title = "untagged"
    db.commit()
    return {"title": post.title}


@app.get("/listed")
def listed(db: Session = Depends(get_db)):
    users = list(db.scalars(select(User).order_by(User.id)))
    return [user.team.name for user in users]


@app.get("/names")
def names(db: Session = Depends(get_db)):
    return [user.name for user in crud.user.get_multi(db)]
