"""Dependencies that hand on the session that they are given: those that do nothing else are other names of the one that makes it."""

from session import SessionDep, get_session
from dependencies import Names, committed, names, yielded
from alchemove import discard_uncommitted, session_depends
from fastapi import Depends, FastAPI
from models import User
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

app = FastAPI()


@app.get("/handed-on")
async def of_the_handed_on(db: SessionDep):
    return (await db.scalars(select(User.name).order_by(User.id))).all()


@app.get("/yielded")
def of_the_yielded(db: Session = Depends(yielded)):  # stays: custom-dependency
    return db.scalars(select(User.name).order_by(User.id)).all()


@app.post("/committed")
async def of_the_committed(db: AsyncSession = session_depends(committed)):
    discard_uncommitted(db)
    (await db.get(User, 1)).logins += 1


@app.get("/both")
async def of_both(given: SessionDep, db: AsyncSession = session_depends(get_session)):
    return [given is db, (await db.scalars(select(User.name).order_by(User.id))).all()]


@app.get("/names")
async def of_the_names(found: Names = Depends(names)):
    return await found.all()


@app.get("/plain")
async def plain(db: SessionDep):
    return (await db.scalars(select(User.name).order_by(User.id))).all()
