"""Blocks of their own whose commits stay: what is read behind them is what the sync session would load."""

from alchemove import discard_uncommitted, rollback_and_reload
from fastapi import FastAPI
from sqlalchemy import select, text
from models import Post, Team, User
from session import get_async_session, get_sync_session

app = FastAPI()


@app.put("/anew")
async def anew():
    async with get_async_session() as db:
        discard_uncommitted(db)
        user = User(name="new")
        db.add(user)
        await db.commit()
        await db.refresh(user)
        return {"id": user.id, "logins": user.logins}


@app.put("/behind")
async def behind():
    async with get_async_session() as db:
        discard_uncommitted(db)
        user = await db.get(User, 1)
        user.name = "changed"
        await db.commit()
        return {"name": user.name, "changed": await db.run_sync(lambda _: user.changed_at) is not None}  # stays: server-value


@app.put("/bulk")
def bulk():  # stays: stale-after-commit
    with get_sync_session() as db:
        discard_uncommitted(db)
        user = db.get(User, 1)
        logins = user.logins
        db.execute(text("update users set logins = 70"))
        db.commit()
        return [logins, user.logins]


@app.put("/rounds")
def rounds():  # stays: stale-after-commit
    names = []
    with get_sync_session() as db:
        discard_uncommitted(db)
        user = db.get(User, 1)
        for number in (1, 2):
            db.execute(text(f"update users set logins = {number}"))
            db.commit()
            names.append(user.logins)
    return names


@app.put("/lazy")
async def lazy():
    async with get_async_session() as db:
        discard_uncommitted(db)
        user = await db.get(User, 1)
        user.logins = 8
        await db.commit()
        return [p.title for p in await db.run_sync(lambda _: user.posts)]  # stays: shown-as-loaded


@app.put("/lists")
def lists():  # stays: stale-after-commit
    with get_sync_session() as db:
        discard_uncommitted(db)
        users = db.scalars(select(User).order_by(User.id)).all()
        for user in users:
            user.logins = 9
        db.commit()
        db.execute(text("update users set logins = 10"))
        db.commit()
        return [u.logins for u in users]


@app.put("/collection")
def collection():  # stays: stale-after-commit
    with get_sync_session() as db:
        discard_uncommitted(db)
        user = db.get(User, 1)
        count = len(user.posts)
        db.add(Post(title="more", author_id=user.id))
        db.commit()
        return [count, len(user.posts)]


@app.put("/lost")
def lost():  # stays: stale-after-commit
    with get_sync_session() as db:
        discard_uncommitted(db)
        user = db.get(User, 1)
        user.logins = 11
        db.commit()
        user.logins = 12
        db.flush()
        return user.logins


@app.put("/caught")
async def caught():
    async with get_async_session() as db:
        discard_uncommitted(db)
        team = (await db.scalars(select(Team).limit(1))).first()
        try:
            db.add(Team(name=team.name))
            await db.commit()
        except Exception:
            await db.run_sync(rollback_and_reload)
            return {"known": team.name}
        return {"made": True}


def rename(db, user, name):  # stays: stale-after-commit
    user.name = name
    db.commit()


@app.put("/helper")
def helper():  # stays: stale-after-commit
    with get_sync_session() as db:
        discard_uncommitted(db)
        user = db.get(User, 1)
        rename(db, user, "by a helper")
        db.execute(text("update users set name = 'other' where id = 1"))
        db.commit()
        return user.name


@app.put("/returned")
async def returned():
    async with get_async_session() as db:
        discard_uncommitted(db)
        user = User(name="shown")
        db.add(user)
        await db.commit()
        await db.refresh(user)
        return user


async def made(name):
    async with get_async_session() as db:
        discard_uncommitted(db)
        user = User(name=name)
        db.add(user)
        await db.commit()
        await db.refresh(user)
        return user


@app.put("/made")
async def make():
    user = await made("made")
    return {"id": user.id, "name": user.name}


@app.get("/all")
async def everyone():
    async with get_async_session() as db:
        return [[u.id, u.name, u.logins] for u in await db.scalars(select(User).order_by(User.id))]
