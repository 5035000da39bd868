from fastapi import Depends, FastAPI
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

import around
from around import both, counted, first_argument, handled, noted, public
from database import get_db
from models import Tag, Team, User
from session import SessionDep

app = FastAPI()


@handled
async def add_team(db: AsyncSession, name: str) -> Team:
    team = Team(name=name)
    db.add(team)
    await db.commit()
    return team


@noted("tags")
async def tags(db: AsyncSession) -> int:
    return await db.scalar(select(func.count(Tag.id)))


@app.post("/teams")
async def create(name: str, db: SessionDep):
    return (await add_team(db, name)).name


@app.get("/tags")
@around.noted(text="endpoint")
async def read(db: SessionDep):
    return await tags(db)


@app.post("/users")
@handled
async def create_user(name: str, db: SessionDep):
    db.add(User(name=name))
    await db.commit()
    return name


@counted
def users(db: Session) -> int:  # stays: mixed-decorator
    return db.scalar(select(func.count(User.id)))


@counted
def no_database(number: int) -> int:
    return number + 1


@app.get("/users")
async def count(db: SessionDep):
    return await db.run_sync(lambda db: no_database(users(db)))


@app.get("/named")
@first_argument
def named(db: Session = Depends(get_db)):  # stays: unknown-wrapper
    return db.get(User, 1).name


@both
async def last(db: AsyncSession) -> str:
    return await db.scalar(select(func.max(User.name)))


@app.get("/last")
@public("the newest")
@both
async def newest(db: SessionDep):
    return await last(db)
