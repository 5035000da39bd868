"""Objects that are read behind a call that rolls back, or expires them, and goes on."""

import helpers
from database import get_db
from fastapi import Depends, FastAPI, HTTPException
from models import User
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

app = FastAPI()


@app.post("/back")
def back(db: Session = Depends(get_db)):
    user = db.get(User, 1)
    helpers.back(db)
    return user.name


@app.post("/forgotten")
def forgotten(db: Session = Depends(get_db)):
    user = db.get(User, 1)
    helpers.forget(db)
    return user.name


@app.post("/repository")
def repository(db: Session = Depends(get_db)):
    users = helpers.users.all(db)
    db.rollback()
    return [user.name for user in users]


@app.post("/count")
def count(db: Session = Depends(get_db)):
    number = helpers.users.count(db)
    db.rollback()
    return max(number, 0)


@app.post("/saved")
def saved(db: Session = Depends(get_db)):
    user = db.get(User, 1)
    user.name = "ben"
    if not helpers.saved(db):
        raise HTTPException(409, "clash")
    return user.name


@app.post("/saved/other")
def saved_another(db: Session = Depends(get_db)):
    user = db.get(User, 1)
    user.name = "zed"
    if not helpers.saved(db):
        raise HTTPException(409, "clash")
    return user.name


@app.post("/unasked")
def unasked(db: Session = Depends(get_db)):
    user = db.get(User, 1)
    helpers.made(db, "ben")
    return user.name


@app.post("/shown")
def shown(db: Session = Depends(get_db)):
    user = db.get(User, 1)
    other = helpers.made(db, "cleo")
    if not other:
        raise HTTPException(409, user.name)
    return other.name


@app.post("/tried/{name}")
def tried(name: str, db: Session = Depends(get_db)):
    user = helpers.tried(db, name)
    if user is None:
        raise HTTPException(409, "clash")
    return user.name


@app.post("/later")
def later(db: Session = Depends(get_db)):
    db.rollback()
    user = db.get(User, 1)
    return user.name


@app.post("/told/{name}")
def told(name: str, db: Session = Depends(get_db)):
    shown = helpers.told(db, name)
    return [shown, str(shown)]


@app.post("/given/{name}")
def given(name: str, db: Session = Depends(get_db)):
    user = helpers.given(db, name)
    return user.name


@app.post("/kept/{name}")
def kept(name: str, db: Session = Depends(get_db)):
    """It may be no row any more, which a refresh does not take."""
    user = User(name=name)
    db.add(user)
    try:
        db.flush()
    except IntegrityError:
        db.rollback()
    user.logins = "7"
    db.commit()
    return user.logins
