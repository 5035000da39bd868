"""Dependencies that hand on the session that they are given: those that do nothing else are other names of the one that makes it."""

from database import get_db
from dependencies import Names, committed, handed_on, names, yielded
from fastapi import Depends, FastAPI
from models import User
from sqlalchemy import select
from sqlalchemy.orm import Session

app = FastAPI()


@app.get("/handed-on")
def of_the_handed_on(db: Session = Depends(handed_on)):
    return db.scalars(select(User.name).order_by(User.id)).all()


@app.get("/yielded")
def of_the_yielded(db: Session = Depends(yielded)):  # stays: custom-dependency
    return db.scalars(select(User.name).order_by(User.id)).all()


@app.post("/committed")
def of_the_committed(db: Session = Depends(committed)):
    db.get(User, 1).logins += 1


@app.get("/both")
def of_both(given: Session = Depends(handed_on), db: Session = Depends(get_db)):
    return [given is db, db.scalars(select(User.name).order_by(User.id)).all()]


@app.get("/names")
def of_the_names(found: Names = Depends(names)):
    return found.all()


@app.get("/plain")
def plain(db: Session = Depends(get_db)):
    return db.scalars(select(User.name).order_by(User.id)).all()
