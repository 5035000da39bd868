import functools
from contextlib import contextmanager
from typing import Any

from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import select
from sqlalchemy.orm import Session

from database import get_db
from models import Team

app = FastAPI()


class Small(BaseModel):
    """A team of one: the other one is not of this form."""

    model_config = ConfigDict(from_attributes=True)
    name: str
    members: int = Field(0, lt=2)

    @model_validator(mode="before")
    @classmethod
    def count(cls, data: Any):  # stays: validator
        if isinstance(data, Team):
            return {"name": data.name, "members": len(data.users)}
        return data


@app.get("/caught/{team_id}", response_model=Small)
def caught(team_id: int, db: Session = Depends(get_db)):
    try:
        return db.get(Team, team_id)  # alchemove: model-reads
    except ValueError as error:
        raise HTTPException(400, "no such team") from error


@contextmanager
def bad_requests():
    try:
        yield
    except Exception as error:
        raise HTTPException(400, "bad request") from error


@app.get("/converted/{team_id}", response_model=Small)
def converted(team_id: int, db: Session = Depends(get_db)):
    with bad_requests():
        return db.get(Team, team_id)  # alchemove: model-reads


def as_bad_requests(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        try:
            return function(*args, **kwargs)
        except Exception as error:
            raise HTTPException(400, "bad request") from error

    return wrapper


@app.get("/wrapped/{team_id}", response_model=Small)
@as_bad_requests
def wrapped(team_id: int, db: Session = Depends(get_db)):
    return db.get(Team, team_id)  # alchemove: model-reads


@app.get("/written/{team_id}", response_model=Small)
def written(team_id: int, db: Session = Depends(get_db)):
    with db.begin():
        team = db.get(Team, team_id)
        team.name += "!"
        return team  # alchemove: model-reads


@app.get("/names", response_model=list[str])
def names(db: Session = Depends(get_db)):
    return db.scalars(select(Team.name).order_by(Team.id)).all()


@app.get("/plain/{team_id}", response_model=Small)
def plain(team_id: int, db: Session = Depends(get_db)):
    try:
        return db.get(Team, team_id)  # alchemove: model-reads
    except KeyError as error:
        raise HTTPException(400, "no such team") from error


@app.get("/uncaught/{team_id}", response_model=Small)
def uncaught(team_id: int, db: Session = Depends(get_db)):
    return db.get(Team, team_id)  # alchemove: model-reads
