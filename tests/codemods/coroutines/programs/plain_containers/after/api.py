"""Models of responses in what is no model of pydantic, and adapters that validate by hand."""

from dataclasses import dataclass
from typing import List, NamedTuple

from alchemove import loaded
from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, TypeAdapter
from sqlalchemy import select
from typing_extensions import TypedDict

from session import SessionDep
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
async def pair(db: SessionDep):
    return await db.run_sync(lambda _, value: TypeAdapter(Pair).validate_python(value, from_attributes=True), Pair((await db.scalars(select(User).where(User.name == "ada"))).one(), 2))  # stays: model-reads


@app.get("/wrapped", response_model=Wrapped)
async def wrapped(db: SessionDep):
    return await db.run_sync(lambda _, value: TypeAdapter(Wrapped).validate_python(value, from_attributes=True), {"user": (await db.scalars(select(User).where(User.name == "ada"))).one()})  # stays: model-reads


@app.get("/wrapped/all", response_model=List[Wrapped])
async def all_wrapped(db: SessionDep):
    return await db.run_sync(lambda _, value: TypeAdapter(List[Wrapped]).validate_python(value, from_attributes=True), [{"user": user} for user in await db.scalars(select(User).order_by(User.id))])  # stays: model-reads


@app.get("/named", response_model=Named)
async def named(db: SessionDep):
    return {"name": (await db.scalars(select(User.name).order_by(User.id))).first()}


@app.get("/box", response_model=Box)
async def box(db: SessionDep):
    return await db.run_sync(lambda _, value: loaded(Box, value), Box((await db.scalars(select(User).where(User.name == "ada"))).one()))  # stays: model-reads


@app.get("/adapted")
async def adapted(db: SessionDep):
    users = (await db.scalars(select(User).order_by(User.id))).all()
    return await db.run_sync(lambda _: TypeAdapter(List[UserOut]).validate_python(users))  # stays: model-reads


@app.get("/adapted/there")
async def adapted_there(db: SessionDep):
    users = (await db.scalars(select(User).order_by(User.id))).all()
    return USERS.dump_python(await db.run_sync(lambda _: USERS.validate_python(users)))  # stays: model-reads


@app.get("/adapted/names")
async def adapted_names(db: SessionDep):
    return TypeAdapter(List[str]).validate_python((await db.scalars(select(User.name).order_by(User.id))).all())
