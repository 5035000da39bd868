"""Endpoints that put objects into generic models, and say what these are in their response model."""

from database import get_db
from fastapi import Depends, FastAPI
from models import User
from schemas import Answer, Given, Page, Plain, UserOut
from sqlalchemy import select
from sqlalchemy.orm import Session

app = FastAPI()


def page(db: Session) -> Page[UserOut]:
    users = db.scalars(select(User).order_by(User.id)).all()
    return Page(items=users, total=len(users))


class Service:
    def __init__(self, db: Session):
        self.db = db

    def page(self) -> Page[UserOut]:
        return page(self.db)


def get_service(db: Session = Depends(get_db)) -> Service:
    return Service(db)


@app.get("/users", response_model=Page[UserOut])
def users(service: Service = Depends(get_service)):
    return service.page()  # stays: new-object


@app.get("/users/given", response_model=Given[UserOut])
def given(db: Session = Depends(get_db)):
    users = db.scalars(select(User).order_by(User.id)).all()
    return Given[UserOut](items=users)


@app.get("/users/{number}")
def user(number: int, db: Session = Depends(get_db)) -> Answer[UserOut]:
    return Answer(data=db.get(User, number))  # stays: new-object


@app.get("/names")
def names(db: Session = Depends(get_db)) -> Plain:
    return Plain(names=db.scalars(select(User.name).order_by(User.id)).all())
