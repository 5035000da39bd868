from fastapi import BackgroundTasks, Depends, FastAPI
from sqlalchemy.orm import Session

from database import get_db
from models import Tag, User

app = FastAPI()
SEEN = []


def note(user):
    SEEN.append(user.name)


@app.post("/a")
def a(bg: BackgroundTasks, db: Session = Depends(get_db)):
    user = db.get(User, 1)
    db.add(Tag(name="lost"))
    bg.add_task(note, user)
    return user.name


@app.post("/b")
def b(bg: BackgroundTasks, db: Session = Depends(get_db)):
    user = db.get(User, 1)
    user.logins = 3
    db.flush()
    bg.add_task(note, user)
    return user.name


@app.get("/seen")
def seen():
    return SEEN
