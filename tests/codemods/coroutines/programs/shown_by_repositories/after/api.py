"""Objects that repositories update, and that endpoints without a response model show: what one repository reads, others do not."""

from session import SessionDep
from fastapi import FastAPI
from repositories import posts, teams, users
from sqlalchemy.orm import Session

app = FastAPI()


@app.put("/user")
async def user(db: SessionDep):
    found = await db.run_sync(users.get, 1)
    found = await db.run_sync(users.update, db_obj=found, values={"name": "ADA"})
    return found


@app.put("/team")
async def team(db: SessionDep):
    def in_session(db: Session):
        found = teams.get(db, 1)
        updated = teams.update(db, db_obj=found, values={"name": "green"})
        return updated

    db.sync_session.expire_on_commit = True
    result = await db.run_sync(in_session)
    db.sync_session.expire_on_commit = False
    return result


@app.put("/post")
async def post(db: SessionDep):
    def in_session(db: Session):
        found = posts.get(db, 1)
        updated = posts.update(db, db_obj=found, values={"title": "again"})
        return {"title": updated.title, "post": updated}

    db.sync_session.expire_on_commit = True
    result = await db.run_sync(in_session)
    db.sync_session.expire_on_commit = False
    return result


@app.put("/other")
async def other(db: SessionDep):
    found = await db.run_sync(teams.get, 2)
    return await db.run_sync(teams.update, db_obj=found, values={"name": "white"})
