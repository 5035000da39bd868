"""Savepoints whose rollback is caught: it expires what was changed below them, and nothing else."""

from contextlib import suppress

from session import SessionDep
from alchemove import discard_uncommitted
from fastapi import FastAPI
from models import Team, User
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

app = FastAPI()


@app.post("/renamed")
async def renamed(db: SessionDep):
    discard_uncommitted(db)

    def in_session(db: Session):
        user = db.get(User, 1)
        try:
            with db.begin_nested():
                user.name = "ben"
                db.flush()
        except IntegrityError:
            pass
        return [user.name, user.logins]

    return await db.run_sync(in_session)


@app.post("/suppressed")
async def suppressed(db: SessionDep):
    def in_session(db: Session):
        user = db.get(User, 1)
        with suppress(IntegrityError), db.begin_nested():
            user.name = "ben"
        db.commit()
        return user.name

    return await db.run_sync(in_session)


@app.post("/another")
async def another(db: SessionDep):
    discard_uncommitted(db)
    user = (await db.scalars(select(User).where(User.name == "cleo"))).one()
    try:
        async with db.begin_nested():
            db.add(Team(name="red"))
    except IntegrityError:
        return user.name
    return "made"


@app.post("/left")
async def left(db: SessionDep):
    discard_uncommitted(db)
    user = await db.get(User, 1)
    try:
        async with db.begin_nested():
            user.logins = 7
            await db.flush()
    except IntegrityError:
        return "lost"
    await db.commit()
    return [user.name, user.logins]
