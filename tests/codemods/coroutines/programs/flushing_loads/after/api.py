"""Lazy loads that send what was changed before them, where nothing else would in time."""

from alchemove import discard_uncommitted
from fastapi import FastAPI
from sqlalchemy import select, text
from sqlalchemy.orm import joinedload

from crud import count, of_team
from session import SessionDep
from models import User

app = FastAPI()


@app.put("/refreshed")
async def refreshed(db: SessionDep):
    user = (await db.scalars(select(User).where(User.id == 1))).one()
    user.logins = 99
    team = (await db.run_sync(lambda _: user.team)).name  # alchemove: flushes-here
    await db.refresh(user)
    await db.commit()
    return [team, user.logins]


@app.put("/expired")
async def expired(db: SessionDep):
    discard_uncommitted(db)
    user = (await db.scalars(select(User).where(User.id == 2))).one()
    count(user, 98)
    team = await db.run_sync(lambda _: of_team(user))
    db.expire(user)
    return [team, (await db.scalars(select(User.logins).where(User.id == 2))).one()]


@app.put("/textual")
async def textual(db: SessionDep):
    discard_uncommitted(db)
    user = (await db.scalars(select(User).where(User.id == 3))).one()
    user.logins = 97
    titles = [post.title for post in await db.run_sync(lambda _: user.posts)]  # alchemove: flushes-here
    return [titles, (await db.execute(text("SELECT logins FROM users WHERE id = 3"))).scalar()]


@app.put("/committed")
async def committed(db: SessionDep):
    """The commit sends it in any case."""
    user = (await db.scalars(select(User).where(User.id == 1).options(joinedload(User.team)))).one()
    user.logins = 96
    team = user.team.name
    await db.commit()
    await db.refresh(user)
    return [team, user.logins]


@app.put("/unchanged")
async def unchanged(db: SessionDep):
    """Nothing was changed that could be lost."""
    user = (await db.scalars(select(User).where(User.id == 1).options(joinedload(User.team)))).one()
    team = user.team.name
    await db.refresh(user)
    return [team, user.logins]
