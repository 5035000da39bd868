"""Objects that are read behind a rollback that the request survives."""

import asyncio

from database import get_db
from deps import attempts, current_user, note_visit, owner
from alchemove import discard_uncommitted, rollback_and_reload, session_depends
from fastapi import Depends, FastAPI, Form
from models import Post, Tag, Team, User
from session import SessionDep, get_session
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, selectinload

app = FastAPI()


def page(user, posts=(), error=None):
    return {"user": user.name, "posts": [post.title for post in posts], "error": error}


@app.post("/named")
async def named(name: str | None = None, user: User = Depends(current_user), db: AsyncSession = session_depends(get_session)):
    posts = (await db.scalars(select(Post).order_by(Post.id))).all()
    await asyncio.sleep(0)
    try:
        posts[0].title = name
        await db.commit()
    except IntegrityError as error:
        await db.run_sync(rollback_and_reload)
        return page(user, posts, type(error).__name__)
    return page(user)


@app.post("/visited")
async def visited(user: User = Depends(current_user), _: None = Depends(note_visit), db: AsyncSession = session_depends(get_session)):
    await asyncio.sleep(0)
    return [user.name, (await db.get(User, 2)).name]


@app.post("/each")
async def each(db: SessionDep):
    failed = []
    teams = (await db.scalars(select(Team).order_by(Team.id))).all()
    for team in teams:
        await asyncio.sleep(0)
        try:
            team.name = "red"
            await db.commit()
        except IntegrityError:
            await db.run_sync(rollback_and_reload)
            failed.append(team.name)
    return [failed, [team.name for team in teams]]


@app.post("/counted")
async def counted(db: Session = Depends(get_db)):  # stays: read-after-rollback
    """A user that is expired gets another time of change by the same name."""
    users = db.scalars(select(User).order_by(User.id)).all()
    for user in users:
        await asyncio.sleep(0)
        try:
            user.name = "ben"
            db.commit()
        except IntegrityError:
            db.rollback()
    return [user.name for user in users]


@app.post("/posts/{number}")
async def posts(number: int, db: SessionDep):
    user = await db.get(User, number, options=[selectinload(User.posts)])
    titles = [post.title for post in user.posts]
    await asyncio.sleep(0)
    if len(titles) > 1:
        user.name = "lost"
        await db.flush()
        await db.run_sync(rollback_and_reload)
    return [user.name, [post.title for post in await db.run_sync(lambda _: user.posts)], (await db.run_sync(lambda _: user.team)).name]  # stays: written-between


@app.post("/tried")
async def tried(db: SessionDep):
    user = await db.get(User, 2)
    await asyncio.sleep(0)
    await db.run_sync(tagged, None)
    return user.name


def tagged(db: Session, name: str | None):  # stays: deferred
    db.add(Tag(name=name))
    return kept(db)


def kept(db: Session):  # stays: deferred
    try:
        db.commit()
    except IntegrityError:
        rollback_and_reload(db)
        return False
    return True


@app.post("/sorted")
async def by_title(db: SessionDep):
    user = await db.get(User, 1, options=[selectinload(User.posts)])
    return (await db.run_sync(lambda db: sorted(user.posts, key=lambda post: (tagged(db, None), post.title))))[0].title


@app.post("/raising")
async def raising(db: SessionDep):
    user = await db.get(User, 1)
    await asyncio.sleep(0)
    await attempts(db)
    return user.name


@app.post("/deleted")
async def deleted(name: str | None = Form(None), db: AsyncSession = session_depends(get_session)):
    discard_uncommitted(db)
    user = await db.get(User, 2)
    await asyncio.sleep(0)
    await db.delete(user)
    await db.flush()
    if name is None:
        await db.run_sync(rollback_and_reload)
    return user.name


@app.post("/owned")
async def owned(user: User = Depends(owner), db: AsyncSession = session_depends(get_session)):
    discard_uncommitted(db)
    await asyncio.sleep(0)
    return [user.name, (await db.get(Team, 2)).name]
