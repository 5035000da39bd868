"""Savepoints whose rollback is caught: it expires what was changed below them, and nothing else."""

from contextlib import suppress

from database import get_db
from fastapi import Depends, FastAPI
from models import Team, User
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

app = FastAPI()


@app.post("/renamed")
def renamed(db: Session = Depends(get_db)):
    user = db.get(User, 1)
    try:
        with db.begin_nested():
            user.name = "ben"
            db.flush()
    except IntegrityError:
        pass
    return [user.name, user.logins]


@app.post("/suppressed")
def suppressed(db: Session = Depends(get_db)):
    user = db.get(User, 1)
    with suppress(IntegrityError), db.begin_nested():
        user.name = "ben"
    db.commit()
    return user.name


@app.post("/another")
def another(db: Session = Depends(get_db)):
    user = db.scalars(select(User).where(User.name == "cleo")).one()
    try:
        with db.begin_nested():
            db.add(Team(name="red"))
    except IntegrityError:
        return user.name
    return "made"


@app.post("/left")
def left(db: Session = Depends(get_db)):
    user = db.get(User, 1)
    try:
        with db.begin_nested():
            user.logins = 7
            db.flush()
    except IntegrityError:
        return "lost"
    db.commit()
    return [user.name, user.logins]


def rename(db: Session, user: User, name: str):  # stays: read-after-rollback
    try:
        with db.begin_nested():
            user.name = name
            db.flush()
    except IntegrityError:
        pass


def found_as(db: Session, name: str) -> User:  # stays: read-after-rollback
    user = db.get(User, 1)
    try:
        with db.begin_nested():
            user.name = name
            db.flush()
    except IntegrityError:
        return user
    return user


def rename_or_fail(db: Session, user: User, name: str):
    try:
        with db.begin_nested():
            user.name = name
            db.flush()
    except IntegrityError as error:
        raise ValueError(name) from error


@app.post("/helped")
def helped(db: Session = Depends(get_db)):
    user = db.get(User, 1)
    rename(db, user, "ben")
    return user.name


@app.post("/found")
def found(db: Session = Depends(get_db)):
    return found_as(db, "ben").name


@app.post("/failing")
def failing(db: Session = Depends(get_db)):
    user = db.get(User, 1)
    rename_or_fail(db, user, "ada the first")
    return user.name
