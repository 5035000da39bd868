from fastapi import Depends, FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session

from database import DbDep, SessionDep, get_own, get_session
from models import Tag, User

app = FastAPI()


def first(db: DbDep):
    return db.get(User, 1)


@app.get("/tags")
def tags(db: SessionDep):
    return [tag.name for tag in db.scalars(select(Tag).order_by(Tag.id))]


@app.post("/tags")
def add_tag(name: str, db: SessionDep):
    db.add(Tag(name=name))
    db.commit()
    return name


@app.post("/forgotten")
def forgotten(name: str, db: DbDep):
    db.add(Tag(name=name))
    return name


@app.get("/user")
def user(found: User = Depends(first), db: Session = Depends(get_session)):
    return [found.name, db.get(User, 2).name]


@app.post("/own")
async def own(name: str, db: Session = Depends(get_own)):
    db.add(Tag(name=name))
    db.flush()
    return [tag.name for tag in db.scalars(select(Tag).order_by(Tag.id))]
