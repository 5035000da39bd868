from alchemove import discard_uncommitted
from fastapi import APIRouter, Depends, FastAPI
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

import routes
from database import get_db
from deps import PROTECTED, counted, leader, refused
from models import Tag, Team, User
from session import SessionDep

app = FastAPI()
inner = APIRouter(prefix="/inner")


class UserOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    name: str
    logins: int


class TeamOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    name: str
    users: list[UserOut]


@app.get("/leader")
def first(user: User = Depends(leader)):
    return {"name": user.name, "team": user.team.name}


@app.get("/leader/team")
def team_of_the_first(user: User = Depends(leader)):
    return user.team.name


@inner.get("/teams/{team_id}", response_model=TeamOut)
async def found_there(team_id: int, db: SessionDep):
    """The leader has brought the team."""
    return await db.run_sync(lambda _, value: TeamOut.model_validate(value), await db.get(Team, team_id))  # alchemove: held-before


@app.get("/teams/{team_id}", response_model=TeamOut)
async def loaded(team_id: int, db: SessionDep):
    return await db.get(Team, team_id, options=[selectinload(Team.users)])


@app.post("/tags", dependencies=[Depends(counted)])
async def committed_with_it(name: str, db: SessionDep):
    db.add(Tag(name=name))
    await db.flush()
    return name


@app.post("/forgotten", dependencies=[Depends(counted)])
async def dropped(name: str, db: SessionDep):
    discard_uncommitted(db)
    return [name, (await db.get(User, 1)).logins]


@app.post("/kept", dependencies=[Depends(refused)])
def kept(name: str, db: Session = Depends(get_db)):  # stays: unfollowed-calls
    db.add(Tag(name=name))
    db.commit()
    return name


@app.get("/users")
async def users(db: SessionDep):
    return [[user.name, user.logins] for user in await db.scalars(select(User).order_by(User.id))]


registered = [kept]
app.include_router(inner, dependencies=PROTECTED)
app.include_router(routes.router)
