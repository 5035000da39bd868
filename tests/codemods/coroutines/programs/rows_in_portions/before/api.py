from fastapi import Depends, FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session

from database import get_db
from models import Tag, User

app = FastAPI()
TAGS = select(Tag).order_by(Tag.id).execution_options(yield_per=1)


def users(portion: int):
    return select(User).order_by(User.id).execution_options(yield_per=portion)


def names(db: Session, statement):
    return [found.name for found in db.scalars(statement)]


@app.get("/names")
def read_names(db: Session = Depends(get_db)):
    return names(db, users(2))


@app.get("/tags")
def read_tags(db: Session = Depends(get_db)):
    return [db.scalars(TAGS).all()[0].name, db.execute(TAGS).scalars().first().name, db.scalar(TAGS).name]


@app.get("/stepwise")
def stepwise(db: Session = Depends(get_db)):
    statement = select(User).order_by(User.id)
    found = []
    for user in db.execute(statement, execution_options={"stream_results": True}).scalars():
        found.append(user.name)
    return found


@app.get("/at-once")
def at_once(db: Session = Depends(get_db)):
    return [user.name for user in db.execute(select(User).order_by(User.id)).scalars().yield_per(1)]


def in_portions(db: Session) -> list[str]:  # stays: server-side-cursor
    found = []
    for user in db.execute(select(User).order_by(User.id), execution_options={"stream_results": True}).scalars():
        found.append(user.name)
    return found


@app.get("/helped")
def helped(db: Session = Depends(get_db)):
    return in_portions(db)
