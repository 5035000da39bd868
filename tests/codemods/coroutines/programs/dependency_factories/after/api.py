from typing import Annotated, Callable

from alchemove import session_depends
from fastapi import APIRouter, Depends, FastAPI, HTTPException
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, selectinload

from database import get_db
from models import Post, Tag, Team, User
from session import SessionDep, get_session

app = FastAPI()
router = APIRouter()


async def current(name: str = "ada", db: AsyncSession = session_depends(get_session)) -> User:
    return (await db.scalars(select(User).where(User.name == name))).first()


def require(team: str):
    async def checker(user: User = Depends(current), db: AsyncSession = session_depends(get_session)) -> User:
        if (await db.get(Team, user.team_id)).name != team:
            raise HTTPException(403)
        return user

    return checker


def counting(model) -> Callable[..., int]:
    async def count(db: SessionDep):
        return len((await db.scalars(select(model))).all())

    return count


class Allowed:
    def __init__(self, *teams: str):
        self.teams = teams

    async def __call__(self, user: User = Depends(current), db: AsyncSession = session_depends(get_session)) -> str:
        team = await db.get(Team, user.team_id)
        if team.name not in self.teams:
            raise HTTPException(401)
        return team.name


blue_only = require("blue")
Blue = Annotated[User, Depends(require("blue"))]
everyone = Allowed("blue", "red")


@app.get("/role")
async def role(user: User = Depends(require("blue")), db: AsyncSession = session_depends(get_session)):
    return [user.name, len((await db.scalars(select(Post).where(Post.author_id == user.id))).all())]


@app.get("/module")
def module(user: User = Depends(blue_only)):
    return user.name


@app.get("/annotated")
def annotated(user: Blue, tags: Annotated[int, Depends(counting(Tag))]):
    return [user.name, tags]


@app.get("/allowed")
def allowed(team: str = Depends(Allowed("red"))):
    return team


@app.get("/everyone", dependencies=[Depends(require("red"))])
def everyone_(team: str = Depends(everyone)):
    return team


async def plain(db: SessionDep):
    return (await db.get(User, 1)).name


async def posts(db: SessionDep):
    return [p.title for p in (await db.get(User, 1, options=[selectinload(User.posts)])).posts]


router.add_api_route("/plain", plain, methods=["GET"])
app.include_router(router)
app.add_api_route("/posts", endpoint=posts)


def naming(field: str):
    def name(db: Session = Depends(get_db)) -> str:  # stays: unfollowed-calls
        return getattr(db.get(User, 2), field)

    return name


class Sum:
    def __init__(self, model):
        self.model = model

    def __call__(self, db: Session = Depends(get_db)) -> int:  # stays: unfollowed-calls
        return sum(found.id for found in db.scalars(select(self.model)))


HANDLERS = {"name": naming("name")}
total = Sum(User)


@app.get("/handled")
def handled(name: str = Depends(naming("name")), db: Session = Depends(get_db)):  # stays: shared-request
    return [name, HANDLERS["name"](db)]


@app.get("/total")
def read_total(number: int = Depends(total), db: Session = Depends(get_db)):  # stays: shared-request
    return number + total(db)
