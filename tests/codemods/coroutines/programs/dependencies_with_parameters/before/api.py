from typing import Annotated

from fastapi import Depends, FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session

from deps import database, get_bound, get_checked, get_optioned, get_returned, get_sharded
from models import Tag

app = FastAPI()


@app.get("/checked")
def checked(db: Session = Depends(get_checked)):
    return db.scalars(select(Tag.name).order_by(Tag.id)).all()


@app.post("/checked")
def create(name: str, db: Annotated[Session, Depends(get_checked)]):
    db.add(Tag(name=name))
    db.commit()
    return name


@app.get("/sharded")
def sharded(name: str, db: Session = Depends(get_sharded)):
    return db.scalars(select(Tag.name).where(Tag.name == name)).all()


@app.get("/method")
def method(db: Session = Depends(database.get_db)):  # stays: custom-dependency
    return db.scalars(select(Tag.name).order_by(Tag.id)).first()


@app.get("/returned")
def returned(db: Session = Depends(get_returned)):  # stays: custom-dependency
    with db:
        return db.scalars(select(Tag.name).order_by(Tag.id)).first()


@app.get("/optioned")
def optioned(name: str, db: Session = Depends(get_optioned)):  # stays: other-sessions
    db.add(Tag(name=name))
    return db.scalars(select(Tag.name).where(Tag.name == name)).all()


@app.get("/bound")
def bound(db: Session = Depends(get_bound)):  # stays: other-sessions
    return db.scalars(select(Tag.name).order_by(Tag.id)).first()
