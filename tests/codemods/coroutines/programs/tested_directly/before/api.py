from fastapi import Depends, FastAPI, HTTPException
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
