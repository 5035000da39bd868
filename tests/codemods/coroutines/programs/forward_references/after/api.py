"""Response models that name others by strings, inside of other types: what these read is loaded, too."""

from typing import List, Optional

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from session import SessionDep
from models import Team, User

app = FastAPI()


class TeamsOut(BaseModel):
    total: int
    teams: List["TeamOut"]


class TeamOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    name: str
    users: Optional[List["UserOut"]] = None


class UserOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    name: str


TeamsOut.model_rebuild()


@app.get("/teams", response_model=TeamsOut)
async def in_a_dictionary(db: SessionDep):
    teams = (await db.scalars(select(Team).order_by(Team.id).options(selectinload(Team.users)))).all()
    return {"total": len(teams), "teams": teams}


@app.get("/teams/{number}", response_model=Optional[TeamOut])
async def one(number: int, db: SessionDep):
    return await db.get(Team, number, options=[selectinload(Team.users)])


@app.get("/users", response_model=List[UserOut])
async def plain(db: SessionDep):
    return (await db.scalars(select(User).order_by(User.id))).all()
