"""Objects whose class is only known as a type variable, or not at all, load what is read of them; so do those that list() has taken from a result."""

import crud
from session import SessionDep
from fastapi import FastAPI
from models import User
from sqlalchemy import select
from sqlalchemy.orm import joinedload

app = FastAPI()


@app.get("/teams")
async def teams(db: SessionDep):
    return [(await db.run_sync(lambda _: user.team)).name for user in await crud.user.get_multi(db)]  # stays: statement-form


@app.get("/titles")
async def titles(db: SessionDep):
    found = {}
    for user in await crud.user.get_multi(db, limit=2):
        found[user.name] = await db.run_sync(lambda _: user.titles)  # stays: statement-form
    return found


@app.get("/members")
async def members(db: SessionDep):
    return [len(await db.run_sync(lambda _: team.users)) for team in await crud.team.everything(db)]  # stays: statement-form


@app.post("/tags/{key}")
async def untagged(key: int, db: SessionDep):
    post = await crud.post.get(db, key)
    await db.run_sync(lambda _: setattr(post, "tags", []))  # stays: statement-form
    post.title = "untagged"
    await db.commit()
    return {"title": post.title}


@app.get("/listed")
async def listed(db: SessionDep):
    users = list(await db.scalars(select(User).order_by(User.id).options(joinedload(User.team))))
    return [user.team.name for user in users]


@app.get("/names")
async def names(db: SessionDep):
    return [user.name for user in await crud.user.get_multi(db)]
