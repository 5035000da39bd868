from fastapi import Depends, FastAPI, HTTPException
from sqlalchemy import select
from sqlalchemy.orm import Session

import crud
from database import get_db
from models import User

app = FastAPI()


def current_user(name: str, db: Session = Depends(get_db)) -> User:
    user = crud.user_named(db, name)
    if user is None:
        raise HTTPException(401)
    return user


def name_of(name: str, db: Session) -> str:  # stays: unfollowed-calls
    return db.scalars(select(User.name).where(User.name == name)).one()


def guard(name: str = "ada", db: Session = Depends(get_db)) -> str:  # stays: test
    """A test calls it without a session, and replaces what would use one."""
    if name_of(name, db) != "ada":
        raise HTTPException(403)
    return name


@app.get("/guarded")
def guarded(name: str = Depends(guard)):
    return name


@app.get("/me")
def me(user: User = Depends(current_user)):
    return {"name": user.name}


@app.post("/users")
def create(name: str, db: Session = Depends(get_db)):
    return {"id": crud.create_user(db, name=name).id}


@app.get("/titles")
def titles(db: Session = Depends(get_db)):
    return crud.PostRepository(db).titles()


@app.get("/checked")
def checked(db: Session = Depends(get_db)):
    return {"teams": crud.teams(db), "mocked": crud.mocked(db)}


@app.get("/report")
def report(db: Session = Depends(get_db)):
    return crud.Report(crud.UserRepository(db)).lines()
