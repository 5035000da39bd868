"""Dependencies that set what is kept for a context or a thread, and others that only read it."""

import contextvars
import threading

from database import get_db
from fastapi import Depends, FastAPI
from models import Tag, User
from sqlalchemy import select
from sqlalchemy.orm import Session

app = FastAPI()
current: contextvars.ContextVar[str] = contextvars.ContextVar("current", default="nobody")
kept = threading.local()


def known(db: Session = Depends(get_db)):  # stays: context-variable
    user = db.scalars(select(User).where(User.name == "ada")).one()
    current.set(user.name)
    return user


def remembered(db: Session = Depends(get_db)):  # stays: context-variable
    kept.user = db.scalars(select(User).where(User.name == "ben")).one()
    return kept.user


def reading(db: Session = Depends(get_db)):
    return [current.get(), db.scalars(select(User).where(User.name == "ada")).one().id]


@app.post("/tag")
def tag(user: User = Depends(known), db: Session = Depends(get_db)):  # stays: shared-request
    db.add(Tag(name=f"by {current.get()}"))
    db.commit()
    return user.name


@app.get("/kept")
def is_kept(user: User = Depends(remembered)):
    return [user.name, hasattr(kept, "user")]


@app.get("/read")
def read(user: list = Depends(reading), db: Session = Depends(get_db)):
    return [*user, db.scalars(select(Tag.name).order_by(Tag.id)).all()]


@app.get("/set")
def set_here(db: Session = Depends(get_db)):
    current.set("somebody")
    return [current.get(), db.scalars(select(Tag.name).order_by(Tag.id)).first()]
