"""Response models that name others by strings, inside of other types: what these read is loaded, too."""

from typing import List, Optional

from fastapi import Depends, FastAPI
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.orm import Session

from database import get_db
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
def in_a_dictionary(db: Session = Depends(get_db)):
    teams = db.scalars(select(Team).order_by(Team.id)).all()
    return {"total": len(teams), "teams": teams}


@app.get("/teams/{number}", response_model=Optional[TeamOut])
def one(number: int, db: Session = Depends(get_db)):
    return db.get(Team, number)


@app.get("/users", response_model=List[UserOut])
def plain(db: Session = Depends(get_db)):
    return db.scalars(select(User).order_by(User.id)).all()
