"""Coroutines that run at the same time and use the sync session of their request, which does what it is asked before the next one goes on."""

import asyncio
from contextlib import suppress

import anyio
from database import get_db
from fastapi import Depends, FastAPI
from models import Post, Tag, User
from session import get_sync_session
from sqlalchemy import func, select
from sqlalchemy.orm import Session

app = FastAPI()


async def counted(db: Session, model):  # stays: sync-session
    number = db.scalar(select(func.count()).select_from(model))
    await asyncio.sleep(0)
    return number


@app.get("/given")
async def given(db: Session = Depends(get_db)):  # stays: session-for-later
    return await asyncio.gather(counted(db, User), counted(db, Post), counted(db, Tag))


@app.get("/around")
async def around(db: Session = Depends(get_db)):  # stays: session-for-later
    async def one(model):  # stays: sync-session
        return db.scalar(select(func.count()).select_from(model))

    tasks = [one(model) for model in (User, Post, Tag)]
    return await asyncio.gather(*tasks)


class Service:
    def __init__(self, db: Session = Depends(get_db)):
        self.db = db

    async def name(self, user_id):  # stays: sync-session
        return self.db.get(User, user_id).name

    async def names(self):  # stays: session-for-later
        made = []
        for user_id in (1, 2, 3):
            made.append(self.name(user_id))
        return await asyncio.gather(*made)


@app.get("/service")
async def service(service: Service = Depends()):  # stays: no-session
    return await service.names()


async def titles(db: Session):
    return list(db.scalars(select(Post.title).order_by(Post.id)))


async def waited():
    await asyncio.sleep(0)
    return "waited"


@app.get("/one")
async def only_one_uses_it(db: Session = Depends(get_db)):
    return await asyncio.gather(titles(db), waited(), waited())


@app.get("/each")
async def one_after_the_other(db: Session = Depends(get_db)):
    first = await titles(db)
    second = await asyncio.wait_for(titles(db), 5)
    return [first, second, await asyncio.gather(waited(), waited())]


async def of_its_own(name):
    with get_sync_session() as db:
        return db.scalar(select(User.logins).where(User.name == name))


@app.get("/own")
async def sessions_of_their_own():
    return await asyncio.gather(*[of_its_own(name) for name in ("ada", "ben", "cleo")])


async def slowly(db: Session):  # stays: sync-session
    found = []
    for user_id in (1, 2, 3):
        found.append(db.get(User, user_id).name)
        await asyncio.sleep(0.1)
    return found


@app.get("/too_long")
async def too_long(db: Session = Depends(get_db)):  # stays: session-for-later
    try:
        return await asyncio.wait_for(slowly(db), 0.05)
    except asyncio.TimeoutError:
        return db.get(User, 1).name


@app.get("/within")
async def within(db: Session = Depends(get_db)):  # stays: session-for-later
    found = []
    with anyio.move_on_after(0.05):
        found.append(db.scalar(select(func.count()).select_from(Tag)))
        await asyncio.sleep(1)
    return [*found, db.get(User, 1).name]


@app.get("/waiting")
async def only_waiting(db: Session = Depends(get_db)):
    with suppress(TimeoutError), anyio.fail_after(0.01):
        await asyncio.sleep(1)
    return db.get(User, 2).name
