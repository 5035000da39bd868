from itertools import groupby

from fastapi import BackgroundTasks, FastAPI
from fastapi.concurrency import run_in_threadpool
from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from database import SessionLocal
from models import Post, User
from session import SessionDep

app = FastAPI()
log = []


def posts_of(db: Session, user: User) -> int:  # stays: deferred
    return db.scalar(select(func.count(Post.id)).where(Post.author_id == user.id))


def users_of(db: Session) -> list[User]:  # stays: awaited-inside
    return db.scalars(select(User).order_by(User.id).options(joinedload(User.team))).all()


def in_another_transaction() -> int:  # stays: sync-session
    with SessionLocal() as db:
        return db.scalar(select(func.count(User.id)))


def remember(count: int) -> None:
    log.append(count)


@app.get("/busy")
async def busy(db: SessionDep):
    users = await db.run_sync(lambda db: sorted(users_of(db), key=lambda user: (-posts_of(db, user), user.name)))
    return {"names": [user.name for user in users], "total": await db.run_sync(lambda db: sum(posts_of(db, user) for user in users))}


@app.get("/nested")
async def nested(db: SessionDep):
    async def name_of(ident: int) -> str:
        return (await db.get(User, ident)).name

    return [await name_of(1), await name_of(2)]


@app.post("/count")
async def count(background: BackgroundTasks, db: SessionDep):
    found = await db.scalar(select(func.count(User.id)))
    background.add_task(remember, found)
    return {"here": found, "there": await run_in_threadpool(in_another_transaction)}


@app.get("/existing")
async def existing(db: SessionDep):
    return [user.name for user in await db.run_sync(users_of)]


@app.get("/mapped")
async def mapped(db: SessionDep):
    return await db.run_sync(lambda db: [name.upper() for name in map(lambda ident: db.get(User, ident).name, [1, 2])])


@app.get("/grouped")
async def grouped(db: SessionDep):
    users = await db.run_sync(users_of)
    return {team: [user.name for user in group] for team, group in groupby(users, key=lambda user: user.team.name)}


@app.get("/found")
async def found(name: str, db: SessionDep):
    return await db.run_sync(lambda db: [name in (user.team.name for user in users_of(db)), *(posts_of(db, user) for user in users_of(db))])
