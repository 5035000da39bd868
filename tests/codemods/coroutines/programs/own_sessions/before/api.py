import contextlib

from alchemove import discard_uncommitted
from fastapi import BackgroundTasks, Depends, FastAPI, HTTPException
from sqlalchemy import func, select
from sqlalchemy.orm import Session

import session
from database import get_db
from models import Post, Tag, User
from session import get_sync_session
from store import Audited, Store, count_tags, log, remember, tag_names

app = FastAPI()


@app.get("/users")
def users():
    with get_sync_session() as db:
        return [{"name": user.name, "posts": len(user.posts)} for user in db.scalars(select(User).order_by(User.id))]


@app.post("/tags")
def create_tag(name: str):
    with get_sync_session() as db:
        tag = Tag(name=name)
        db.add(tag)
        db.flush()
        found = {"id": tag.id}
    return {**found, "count": count_tags(), "names": tag_names()}


@app.post("/fails")
def fails(name: str):
    with session.get_sync_session() as db:
        db.add(Tag(name=name))
        db.flush()
        raise HTTPException(409)


@app.post("/tried")
def tried(name: str):
    with get_sync_session() as db:
        discard_uncommitted(db)
        db.add(Tag(name=name))
        db.flush()
        return {"tags": db.scalar(select(func.count(Tag.id)))}


@app.get("/figures")
async def figures():  # stays: sync-session
    with get_sync_session() as db, contextlib.suppress(ValueError):  # two of them
        return {"posts": db.scalar(select(func.count(Post.id)))}


@app.get("/coroutine")
async def coroutine():
    with get_sync_session() as db:
        return {"names": Store(db).names(), "first": db.get(User, 1).team.name}


@app.get("/both")
def both(db: Session = Depends(get_db)):
    with get_sync_session() as own, get_sync_session() as other:
        count = own.scalar(select(func.count(Tag.id))) + other.scalar(select(func.count(Post.id)))
    return {"count": count, "user": db.get(User, 2).name}


@app.post("/mixed")
def mixed(name: str, db: Session = Depends(get_db)):
    with get_sync_session() as own:
        remember(own, name)
    remember(db, name + "-again")
    db.commit()
    return tag_names()


@app.post("/later")
def later(tasks: BackgroundTasks):
    tasks.add_task(log, "later")
    return {"before": count_tags()}


def audited():
    with get_sync_session() as db:
        yield Audited(db)


@app.post("/audited")
def use_audited(name: str, store: Audited = Depends(audited)):
    store.write(name)
    return store.names()
