from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from sqlalchemy import select
from sqlalchemy.orm import Session

from database import get_db
from models import User

app = FastAPI()


class Reader:
    def __init__(self, db: Session):
        self.db = db

    def first(self):
        return self.db.scalars(select(User.name).order_by(User.id)).first()


def get_reader(db: Session = Depends(get_db)):
    return Reader(db)


@app.get("/users")
def users(db: Session = Depends(get_db)):
    return list(db.scalars(select(User.name).order_by(User.id)))


@app.post("/users")
def add(name: str, db: Session = Depends(get_db)):
    user = User(name=name)
    db.add(user)
    db.commit()
    db.refresh(user)
    if name == "nobody":
        raise HTTPException(409)
    return {"id": user.id}


@app.get("/first")
def first(reader: Annotated[Reader, Depends(get_reader)]):
    return reader.first()
