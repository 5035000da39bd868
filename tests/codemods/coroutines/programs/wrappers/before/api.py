from fastapi import Depends, FastAPI
from sqlalchemy import func, select
from sqlalchemy.orm import Session

import around
from around import both, counted, first_argument, handled, noted, public
from database import get_db
from models import Tag, Team, User

app = FastAPI()


@handled
def add_team(db: Session, name: str) -> Team:
    team = Team(name=name)
    db.add(team)
    db.commit()
    return team


@noted("tags")
def tags(db: Session) -> int:
    return db.scalar(select(func.count(Tag.id)))


@app.post("/teams")
def create(name: str, db: Session = Depends(get_db)):
    return add_team(db, name).name


@app.get("/tags")
@around.noted(text="endpoint")
def read(db: Session = Depends(get_db)):
    return tags(db)


@app.post("/users")
@handled
def create_user(name: str, db: Session = Depends(get_db)):
    db.add(User(name=name))
    db.commit()
    return name


@counted
def users(db: Session) -> int:  # stays: mixed-decorator
    return db.scalar(select(func.count(User.id)))


@counted
def no_database(number: int) -> int:
    return number + 1


@app.get("/users")
def count(db: Session = Depends(get_db)):
    return no_database(users(db))


@app.get("/named")
@first_argument
def named(db: Session = Depends(get_db)):  # stays: unknown-wrapper
    return db.get(User, 1).name


@both
def last(db: Session) -> str:
    return db.scalar(select(func.max(User.name)))


@app.get("/last")
@public("the newest")
@both
def newest(db: Session = Depends(get_db)):
    return last(db)
