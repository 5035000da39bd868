"""Objects that background tasks are given: the session of the request loads their relationships there."""

from database import SessionLocal, get_db
from fastapi import BackgroundTasks, Depends, FastAPI
from models import Tag, User
from sqlalchemy.orm import Session

app = FastAPI()


def note_team(user):  # stays: not-reached
    with SessionLocal() as db:
        db.add(Tag(name=f"in {user.team.name}"))
        db.commit()


def note_name(user):  # stays: not-reached
    with SessionLocal() as db:
        db.add(Tag(name=f"of {user.name}"))
        db.commit()


@app.post("/team")
def team(tasks: BackgroundTasks, db: Session = Depends(get_db)):  # stays: session-for-later
    tasks.add_task(note_team, db.get(User, 1))
    return 1


@app.post("/name")
def name(tasks: BackgroundTasks, db: Session = Depends(get_db)):
    tasks.add_task(note_name, db.get(User, 1))
    return 2
