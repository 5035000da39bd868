"""Context managers whose parameters have no annotations."""

from contextlib import contextmanager

from database import get_db
from fastapi import Depends, FastAPI
from models import Tag, User
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

app = FastAPI()


@contextmanager
def unit(db):
    try:
        yield db
        db.commit()
    except Exception:
        db.rollback()
        raise


@app.post("/tag")
def tag(db: Session = Depends(get_db)):
    with unit(db) as session:
        made = Tag(name="unit")
        session.add(made)
    return [made.id, made.name]


@app.post("/user")
def user(db: Session = Depends(get_db)):
    try:
        with unit(db):
            db.add(User(name="ada"))
    except IntegrityError:
        return db.scalar(select(func.count()).select_from(User))
