import contextlib

from alchemove import discard_uncommitted
from fastapi import BackgroundTasks, Depends, FastAPI, HTTPException
from fastapi.concurrency import run_in_threadpool
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

import session
from models import Post, Tag, User
from session import SessionDep, get_async_session, get_sync_session
from store import Audited, Store, count_tags, log, remember, tag_names

app = FastAPI()


@app.get("/users")
async def users():
    async with get_async_session() as db:
        return [{"name": user.name, "posts": len(user.posts)} for user in await db.scalars(select(User).order_by(User.id).options(selectinload(User.posts)))]


@app.post("/tags")
async def create_tag(name: str):
    async with get_async_session() as db:
        tag = Tag(name=name)
        db.add(tag)
        await db.flush()
        found = {"id": tag.id}
    return {**found, "count": await run_in_threadpool(count_tags), "names": await tag_names()}


@app.post("/fails")
async def fails(name: str):
    async with session.get_async_session() as db:
        db.add(Tag(name=name))
        await db.flush()
        raise HTTPException(409)


@app.post("/tried")
async def tried(name: str):
    async with get_async_session() as db:
        discard_uncommitted(db)
        db.add(Tag(name=name))
        await db.flush()
        return {"tags": await db.scalar(select(func.count(Tag.id)))}


@app.get("/figures")
async def figures():  # stays: sync-session
    with get_sync_session() as db, contextlib.suppress(ValueError):  # two of them
        return {"posts": db.scalar(select(func.count(Post.id)))}


@app.get("/coroutine")
async def coroutine():
    async with get_async_session() as db:
        return {"names": await Store(db).names(), "first": (await db.get(User, 1, options=[joinedload(User.team)])).team.name}


@app.get("/both")
async def both(db: SessionDep):
    async with get_async_session() as own, get_async_session() as other:
        count = await own.scalar(select(func.count(Tag.id))) + await other.scalar(select(func.count(Post.id)))
    return {"count": count, "user": (await db.get(User, 2)).name}


@app.post("/mixed")
async def mixed(name: str, db: SessionDep):
    async with get_async_session() as own:
        await remember(own, name)
    await remember(db, name + "-again")
    await db.commit()
    return await tag_names()


@app.post("/later")
async def later(tasks: BackgroundTasks):
    tasks.add_task(log, "later")
    return {"before": await run_in_threadpool(count_tags)}


async def audited():
    async with get_async_session() as db:
        yield Audited(db)


@app.post("/audited")
async def use_audited(name: str, store: Audited = Depends(audited)):
    await store.write(name)
    return await store.names()
