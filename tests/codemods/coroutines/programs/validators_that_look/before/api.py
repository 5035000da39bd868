from typing import Any

from fastapi import Depends, FastAPI
from pydantic import AliasPath, BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import select
from sqlalchemy.orm import Session

from database import get_db
from models import Post, Team, User

app = FastAPI()


class TeamOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    name: str
    members: int = 0

    @model_validator(mode="before")
    @classmethod
    def count(cls, data: Any):  # stays: validator
        if isinstance(data, Team):
            return {"name": data.name, "members": len(data.users)}
        return data


def description(user):  # stays: validator
    return f"{user.name} of {user.team.name}"


class Described(BaseModel):
    text: str

    @model_validator(mode="before")
    @classmethod
    def describe(cls, data: Any):  # stays: validator
        return {"text": description(data)} if isinstance(data, User) else data


class Renamed(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    team_name: str = Field(validation_alias=AliasPath("team", "name"))
    written: list[str] = Field(validation_alias="titles")


class PostOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    title: str


class Trimmed(BaseModel):
    """Its validator sees nothing that would have to be loaded."""

    model_config = ConfigDict(from_attributes=True)
    name: str

    @model_validator(mode="before")
    @classmethod
    def trim(cls, data: Any):
        if isinstance(data, dict):
            return {key: value.strip() for key, value in data.items()}
        return data


@app.get("/teams", response_model=list[TeamOut])
def teams(db: Session = Depends(get_db)):
    return db.scalars(select(Team).order_by(Team.id)).all()  # alchemove: model-reads


@app.get("/teams/{team_id}")
def team(team_id: int, db: Session = Depends(get_db)) -> TeamOut:
    return db.get(Team, team_id)  # alchemove: model-reads


@app.get("/validated/{team_id}")
def validated(team_id: int, db: Session = Depends(get_db)):
    team = db.get(Team, team_id)
    return TeamOut.model_validate(team)  # alchemove: model-reads


@app.get("/described", response_model=list[Described])
def described(db: Session = Depends(get_db)):
    return db.scalars(select(User).order_by(User.id)).all()  # alchemove: model-reads


@app.get("/renamed", response_model=list[Renamed])
def renamed(db: Session = Depends(get_db)):
    return db.scalars(select(User).order_by(User.id)).all()  # alchemove: model-reads


@app.get("/posts/{post_id}", response_model=PostOut)
def post(post_id: int, db: Session = Depends(get_db)):
    return db.get(Post, post_id)


@app.get("/trimmed", response_model=list[Trimmed])
def trimmed(db: Session = Depends(get_db)):
    return db.scalars(select(User).order_by(User.id)).all()
