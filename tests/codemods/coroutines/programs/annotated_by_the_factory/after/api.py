from typing import Annotated, Optional

from fastapi import Depends, FastAPI
from fastapi.concurrency import run_in_threadpool
from sqlalchemy import select
from sqlalchemy.orm import sessionmaker

import database
from database import SessionLocal
from deps import Counter, get_told, given
from models import Tag, User
from session import SessionDep
from store import add, names

app = FastAPI()


@app.get("/tags")
async def tags(db: SessionDep):
    return await names(db)


@app.post("/tags")
async def create(name: str, db: SessionDep):
    add(db.sync_session, name)
    await db.commit()
    return await names(db)


@app.post("/marked")
async def create_marked(name: str, db: SessionDep):
    add(db.sync_session, name)
    await db.commit()
    return (await db.scalars(select(Tag.name).order_by(Tag.id.desc()))).first()


@app.post("/told")
def create_told(name: str, db: SessionLocal = Depends(get_told)):  # stays: custom-dependency
    add(db, name)
    db.commit()
    return given


@app.get("/count")
async def count(counter: Counter = Depends()):
    return await counter.count()


def open_one(factory: sessionmaker) -> Optional[User]:  # stays: sync-session
    with factory() as db:
        return db.get(User, 1)


@app.get("/own")
async def own():
    user = await run_in_threadpool(open_one, SessionLocal)
    return user.name
