"""Relationships that are read before and behind a commit, of a class whose objects are shown with whatever is loaded: they are loaded again."""

from fastapi import Depends, FastAPI
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.orm import Session
from models import Post, User
from database import get_db

app = FastAPI()


class PostOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    title: str


class UserOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    name: str
    posts: list[PostOut]


@app.put("/collection")
def collection(db: Session = Depends(get_db)):
    user = db.get(User, 1)
    count = len(user.posts)
    db.add(Post(title="more", author_id=user.id))
    db.commit()
    return [count, len(user.posts)]


@app.put("/moved")
def moved(db: Session = Depends(get_db)):
    user = db.get(User, 1)
    name = user.team and user.team.name
    user.team_id = 2
    db.commit()
    return [name, user.team and user.team.name]


@app.get("/all")
def everyone(db: Session = Depends(get_db)):
    return [[u.id, u.name, u.logins] for u in db.scalars(select(User).order_by(User.id))]


@app.put("/returned")
def returned(db: Session = Depends(get_db)):
    user = User(name="shown")
    db.add(user)
    db.commit()
    db.refresh(user)
    return user


@app.put("/validated")
def validated(db: Session = Depends(get_db)):
    user = db.get(User, 2)
    count = len(user.posts)
    db.add(Post(title=f"number {count}", author_id=user.id))
    db.commit()
    return UserOut.model_validate(user)


@app.put("/refreshed")
def refreshed(db: Session = Depends(get_db)):
    user = db.get(User, 3)
    count = len(user.posts)  # stays: shown-as-loaded
    db.add(Post(title="behind", author_id=user.id))
    db.commit()
    db.refresh(user)
    return [count, len(user.posts)]  # stays: written-between
