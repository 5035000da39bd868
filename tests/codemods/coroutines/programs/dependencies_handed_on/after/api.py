from alchemove import discard_uncommitted, session_depends
from fastapi import Depends, FastAPI
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

import deps
from session import SessionDep, get_session as get_session_
from deps import Current
from models import Tag, User

app = FastAPI()


@app.get("/tags")
async def tags(db: SessionDep):
    return [tag.name for tag in await db.scalars(select(Tag).order_by(Tag.id))]


@app.post("/login")
async def login(user: Current, again: SessionDep, db: AsyncSession = session_depends(get_session_)):
    discard_uncommitted(again)
    user.logins += 1
    await again.flush()
    return [again is db, (await db.get(User, 1)).logins]


@app.post("/tags")
async def add_tag(name: str, db: SessionDep):
    db.add(Tag(name=name))
    await db.flush()
    return name


@app.get("/marked")
async def marked(db: AsyncSession = Depends(deps.get_marked)):
    return [db.info["marked"], (await db.get(Tag, 1)).name]


@app.get("/fresh")
def fresh(db: Session = Depends(deps.get_fresh)):  # stays: custom-dependency
    return db.get(Tag, 1).name


@app.get("/called")
def called(db: Session = Depends(deps.get_called)):  # stays: custom-dependency
    return [deps.get_called(db) is db, db.get(Tag, 1).name]


@app.get("/overridden")
def overridden(db: Session = Depends(deps.get_overridden)):  # stays: custom-dependency
    return db.get(Tag, 1).name
