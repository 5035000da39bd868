"""Objects that are read behind a call that rolls back, or expires them, and goes on."""

import helpers
from session import SessionDep
from alchemove import rollback_and_reload
from fastapi import FastAPI, HTTPException
from models import User
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

app = FastAPI()


@app.post("/back")
async def back(db: SessionDep):
    user = await db.get(User, 1)
    await helpers.back(db)
    return user.name


@app.post("/forgotten")
async def forgotten(db: SessionDep):
    def in_session(db: Session):
        user = db.get(User, 1)
        helpers.forget(db)
        return user.name

    return await db.run_sync(in_session)


@app.post("/repository")
async def repository(db: SessionDep):
    users = await helpers.users.all(db)
    await db.run_sync(rollback_and_reload)
    return [user.name for user in users]


@app.post("/count")
async def count(db: SessionDep):
    number = await helpers.users.count(db)
    await db.rollback()
    return max(number, 0)


@app.post("/saved")
async def saved(db: SessionDep):
    user = await db.get(User, 1)
    user.name = "ben"
    if not await helpers.saved(db):
        raise HTTPException(409, "clash")
    return user.name


@app.post("/saved/other")
async def saved_another(db: SessionDep):
    user = await db.get(User, 1)
    user.name = "zed"
    if not await helpers.saved(db):
        raise HTTPException(409, "clash")
    return user.name


@app.post("/unasked")
async def unasked(db: SessionDep):
    user = await db.get(User, 1)
    await helpers.made(db, "ben")
    return user.name


@app.post("/shown")
async def shown(db: SessionDep):
    user = await db.get(User, 1)
    other = await helpers.made(db, "cleo")
    if not other:
        raise HTTPException(409, user.name)
    return other.name


@app.post("/tried/{name}")
async def tried(name: str, db: SessionDep):
    user = await helpers.tried(db, name)
    if user is None:
        raise HTTPException(409, "clash")
    return user.name


@app.post("/later")
async def later(db: SessionDep):
    await db.rollback()
    user = await db.get(User, 1)
    return user.name


@app.post("/told/{name}")
async def told(name: str, db: SessionDep):
    shown = await helpers.told(db, name)
    return [shown, str(shown)]


@app.post("/given/{name}")
async def given(name: str, db: SessionDep):
    user = await helpers.given(db, name)
    return user.name


@app.post("/kept/{name}")
async def kept(name: str, db: SessionDep):
    """It may be no row any more, which a refresh does not take."""

    def in_session(db: Session):
        user = User(name=name)
        db.add(user)
        try:
            db.flush()
        except IntegrityError:
            db.rollback()
        user.logins = "7"
        db.commit()
        return user.logins

    db.sync_session.expire_on_commit = True
    result = await db.run_sync(in_session)
    db.sync_session.expire_on_commit = False
    return result
