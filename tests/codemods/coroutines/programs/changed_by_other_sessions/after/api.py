"""Objects that a session goes on with behind a commit, while another session changes their rows."""

from fastapi import Depends, FastAPI
from fastapi.concurrency import run_in_threadpool
from sqlalchemy import select
from sqlalchemy.orm import Session

from alchemove import discard_uncommitted
from database import get_db
from models import Tag, User
from session import SessionDep, get_async_session, get_sync_session

app = FastAPI()


def counted(key):  # stays: stale-after-commit
    with get_sync_session() as own:
        user = own.get(User, key)
        user.logins += 1


async def noted(name):
    async with get_async_session() as own:
        own.add(Tag(name=name))


@app.put("/kept")
def kept(db: Session = Depends(get_db)):  # stays: stale-after-commit
    user = db.get(User, 1)
    user.name = "changed"
    db.commit()
    counted(1)
    return {"name": user.name, "logins": user.logins}


@app.put("/before")
def before(db: Session = Depends(get_db)):  # stays: stale-after-commit
    user = db.get(User, 1)
    first = user.logins
    counted(1)
    user.name = "again"
    db.commit()
    return [first, user.logins]


@app.put("/anew")
async def anew(db: SessionDep):
    discard_uncommitted(db)
    user = await db.get(User, 2)
    first = user.logins
    await db.commit()
    db.expire_all()
    await run_in_threadpool(counted, 2)
    user = await db.get(User, 2)
    return [first, user.logins]


@app.put("/inside")
def inside():  # stays: stale-after-commit
    with get_sync_session() as db:
        discard_uncommitted(db)
        user = db.get(User, 1)
        user.logins = 12
        db.commit()
        with get_sync_session() as other:
            same = other.get(User, 1)
            same.logins += 1
        return {"logins": user.logins}


@app.put("/uncommitted")
async def uncommitted(db: SessionDep):
    discard_uncommitted(db)
    user = await db.get(User, 1)
    first = user.logins
    await run_in_threadpool(counted, 1)
    return [first, user.logins]


@app.put("/others")
async def others(db: SessionDep):
    user = await db.get(User, 1)
    user.logins = 40
    await db.commit()
    await noted("others")
    return {"name": user.name, "logins": user.logins}


@app.get("/all")
async def everyone(db: SessionDep):
    return [[u.id, u.name, u.logins] for u in await db.scalars(select(User).order_by(User.id))]
