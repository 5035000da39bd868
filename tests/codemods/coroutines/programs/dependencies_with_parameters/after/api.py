from typing import Annotated

from alchemove import session_depends
from fastapi import Depends, FastAPI
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from deps import async_get_checked, async_get_sharded, database, get_bound, get_optioned, get_returned
from models import Tag

app = FastAPI()


@app.get("/checked")
async def checked(db: AsyncSession = session_depends(async_get_checked)):
    return (await db.scalars(select(Tag.name).order_by(Tag.id))).all()


@app.post("/checked")
async def create(name: str, db: AsyncSession = session_depends(async_get_checked)):
    db.add(Tag(name=name))
    await db.flush()
    return name


@app.get("/sharded")
async def sharded(name: str, db: AsyncSession = session_depends(async_get_sharded)):
    return (await db.scalars(select(Tag.name).where(Tag.name == name))).all()


@app.get("/method")
def method(db: Session = Depends(database.get_db)):  # stays: custom-dependency
    return db.scalars(select(Tag.name).order_by(Tag.id)).first()


@app.get("/returned")
def returned(db: Session = Depends(get_returned)):  # stays: custom-dependency
    with db:
        return db.scalars(select(Tag.name).order_by(Tag.id)).first()


@app.get("/optioned")
def optioned(name: str, db: Session = Depends(get_optioned)):  # stays: other-sessions
    db.add(Tag(name=name))
    return db.scalars(select(Tag.name).where(Tag.name == name)).all()


@app.get("/bound")
def bound(db: Session = Depends(get_bound)):  # stays: other-sessions
    return db.scalars(select(Tag.name).order_by(Tag.id)).first()
