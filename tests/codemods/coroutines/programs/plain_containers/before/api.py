"""Models of responses in what is no model of pydantic, and adapters that validate by hand."""

from dataclasses import dataclass
from typing import List, NamedTuple

from fastapi import Depends, FastAPI
from pydantic import BaseModel, ConfigDict, TypeAdapter
from sqlalchemy import select
from sqlalchemy.orm import Session
from typing_extensions import TypedDict

from database import get_db
from models import User

app = FastAPI()


class TeamOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    name: str


class UserOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    name: str
    team: TeamOut


class Pair(NamedTuple):
    user: UserOut
    number: int


class Wrapped(TypedDict):
    user: UserOut


class Named(TypedDict):
    name: str


@dataclass
class Box:
    user: UserOut


USERS = TypeAdapter(List[UserOut])


@app.get("/pair", response_model=Pair)
def pair(db: Session = Depends(get_db)):
    return Pair(db.scalars(select(User).where(User.name == "ada")).one(), 2)  # stays: model-reads


@app.get("/wrapped", response_model=Wrapped)
def wrapped(db: Session = Depends(get_db)):
    return {"user": db.scalars(select(User).where(User.name == "ada")).one()}  # stays: model-reads


@app.get("/wrapped/all", response_model=List[Wrapped])
def all_wrapped(db: Session = Depends(get_db)):
    return [{"user": user} for user in db.scalars(select(User).order_by(User.id))]  # stays: model-reads


@app.get("/named", response_model=Named)
def named(db: Session = Depends(get_db)):
    return {"name": db.scalars(select(User.name).order_by(User.id)).first()}


@app.get("/box", response_model=Box)
def box(db: Session = Depends(get_db)):
    return Box(db.scalars(select(User).where(User.name == "ada")).one())  # stays: model-reads


@app.get("/adapted")
def adapted(db: Session = Depends(get_db)):
    users = db.scalars(select(User).order_by(User.id)).all()
    return TypeAdapter(List[UserOut]).validate_python(users)  # stays: model-reads


@app.get("/adapted/there")
def adapted_there(db: Session = Depends(get_db)):
    users = db.scalars(select(User).order_by(User.id)).all()
    return USERS.dump_python(USERS.validate_python(users))  # stays: model-reads


@app.get("/adapted/names")
def adapted_names(db: Session = Depends(get_db)):
    return TypeAdapter(List[str]).validate_python(db.scalars(select(User.name).order_by(User.id)).all())
