from concurrent.futures import ThreadPoolExecutor

from fastapi import Depends, FastAPI, HTTPException
from sqlalchemy import select
from sqlalchemy.orm import Session

from database import get_db
from models import User
from services import Notes

app = FastAPI()


def current_user(name: str = "ada", db: Session = Depends(get_db)):
    user = db.scalars(select(User).where(User.name == name)).first()
    if user is None:
        raise HTTPException(401, "who")
    return user


@app.get("/me")
def me(user: User = Depends(current_user), db: Session = Depends(get_db)):
    return [user.name, len(db.scalars(select(User)).all())]


@app.get("/count")
def count(user: User = Depends(current_user), db: Session = Depends(get_db)):  # stays: session-for-later
    with ThreadPoolExecutor(1) as pool:
        return [user.name, pool.submit(Notes(db).count, user.name).result()]


@app.get("/latest")
async def latest(user: User = Depends(current_user), db: Session = Depends(get_db)):
    """It asks the database for nothing, and gives its session to an object that has a sync one everywhere."""
    notes = Notes(db)
    return [user.name, await notes.latest(user.name)]
