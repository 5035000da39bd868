from alchemove import session_depends
from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

import deps
from deps import FirstUser, Found
from models import Tag, User
from session import SessionDep, get_session

app = FastAPI()


@app.get("/tags")
async def tags(db: SessionDep):
    return [tag.name for tag in await db.scalars(select(Tag).order_by(Tag.id))]


@app.get("/team")
async def team(user: User = FirstUser, db: AsyncSession = session_depends(get_session)):
    return [user.name, user.logins, (await db.get(User, 2)).name]


@app.post("/typed")
async def typed(name: str, db: SessionDep):
    db.add(Tag(name=name))
    await db.flush()
    return name


@app.get("/found")
async def found(db: Found):
    return [tag.name for tag in await db.scalars(select(Tag).order_by(Tag.id))]


@app.get("/cached")
def cached(db: Session = deps.Cached):  # stays: custom-dependency
    return db.get(Tag, 1).name


@app.get("/later")
def later(db: Session = deps.Later):  # stays: sync-session
    return db.get(Tag, 1).name


@app.get("/beside")
async def beside(db: SessionDep, name: str = "a"):
    return [name, (await db.get(Tag, 1)).name]
