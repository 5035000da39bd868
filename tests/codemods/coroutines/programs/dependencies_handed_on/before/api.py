from fastapi import Depends, FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session

import deps
from database import get_db
from deps import Current, get_session
from models import Tag, User

app = FastAPI()


@app.get("/tags")
def tags(db: Session = Depends(get_session)):
    return [tag.name for tag in db.scalars(select(Tag).order_by(Tag.id))]


@app.post("/login")
def login(user: Current, again: Session = Depends(deps.get_again), db: Session = Depends(get_db)):
    user.logins += 1
    again.flush()
    return [again is db, db.get(User, 1).logins]


@app.post("/tags")
def add_tag(name: str, db: Session = Depends(deps.get_async)):
    db.add(Tag(name=name))
    db.commit()
    return name


@app.get("/marked")
def marked(db: Session = Depends(deps.get_marked)):
    return [db.info["marked"], db.get(Tag, 1).name]


@app.get("/fresh")
def fresh(db: Session = Depends(deps.get_fresh)):  # stays: custom-dependency
    return db.get(Tag, 1).name


@app.get("/called")
def called(db: Session = Depends(deps.get_called)):  # stays: custom-dependency
    return [deps.get_called(db) is db, db.get(Tag, 1).name]


@app.get("/overridden")
def overridden(db: Session = Depends(deps.get_overridden)):  # stays: custom-dependency
    return db.get(Tag, 1).name
