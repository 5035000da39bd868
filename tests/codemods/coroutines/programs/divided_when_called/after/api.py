import asyncio
from concurrent.futures import ThreadPoolExecutor

from alchemove import discard_uncommitted, session_depends
from fastapi import BackgroundTasks, Depends, FastAPI
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

import deps
from database import SessionLocal, get_db
from deps import current_badge, current_team, current_user, sync_current_badge, sync_current_team, sync_current_user
from models import Tag, Team, User
from session import SessionDep, get_session

app = FastAPI()
log: list[str] = []


def counted(db: Session) -> int:  # stays: not-reached
    return len(db.scalars(select(User)).all())


def welcome(name: str) -> None:  # stays: not-reached
    with SessionLocal() as db:
        sync_create(f"welcome {name}", db)


def clean() -> None:  # stays: not-reached
    with SessionLocal() as db:
        sync_draft(name="draft", db=db)
        db.commit()
        sync_tag_once(1, "again", db)
        rename(1, "again", db)


async def printed(name: str) -> str:  # stays: sync-session
    from deps import current_badge

    with SessionLocal() as db:
        return sync_current_badge(name, db)


def print_badge(name: str) -> None:  # stays: not-reached
    log.append(asyncio.run(printed(name)))


@app.get("/badge")
async def badge(found: str = Depends(current_badge), db: AsyncSession = session_depends(get_session)):
    return [found, await db.scalar(select(func.count(User.id)))]


@app.get("/badges")
async def badges(db: SessionDep):
    return [await current_badge("ben", db), await current_badge(name="cleo", db=db), *log]


@app.get("/counted")
def counted_badge(found: str = Depends(sync_current_badge), db: Session = Depends(get_db)):  # stays: session-for-later
    with ThreadPoolExecutor(1) as pool:
        return [found, pool.submit(counted, db).result()]


@app.post("/printed")
def print_later(background: BackgroundTasks, user: User = Depends(current_user)):
    background.add_task(print_badge, user.name)
    return user.name


@app.get("/me")
async def me(user: User = Depends(current_user), db: AsyncSession = session_depends(get_session)):
    return [user.name, await db.scalar(select(func.count(User.id)))]


@app.get("/optional")
async def optional(name: str = "", db: AsyncSession = session_depends(get_session)):
    user = await db.run_sync(lambda db: sync_current_user(f"Bearer {name}", db)) if name else None
    return user.name if user else None


@app.get("/both")
async def both(first: str, second: str, db: SessionDep):
    return [(await db.run_sync(lambda db: deps.sync_current_user(f"Bearer {name}", db=db))).name for name in (first, second)]


@app.get("/count")
def count(  # stays: session-for-later
    team: Team = Depends(sync_current_team), user: User = Depends(sync_current_user), db: Session = Depends(get_db)
):
    other = sync_current_user("Bearer ben", db)
    with ThreadPoolExecutor(1) as pool:
        return [team.name, user.name, other.name, pool.submit(counted, db).result()]


@app.get("/team")
async def team(found: Team = Depends(current_team), db: AsyncSession = session_depends(get_session)):
    return [found.name, await db.scalar(select(func.count(User.id)).where(User.team_id == found.id))]


@app.post("/tags")
async def create(name: str, db: SessionDep):
    """A script makes tags as well."""
    return await db.run_sync(lambda db: sync_create(name, db))


def sync_create(name: str, db: Session = Depends(get_db)):
    db.add(Tag(name=name))
    db.commit()
    return {"name": name, "tags": db.scalar(select(func.count(Tag.id)))}


@app.post("/drafts")
async def draft(name: str, db: SessionDep):
    discard_uncommitted(db)
    return await db.run_sync(lambda db: sync_draft(name, db))


def sync_draft(name: str, db: Session = Depends(get_db)):
    db.add(Tag(name=name))
    db.flush()
    return {"tags": db.scalar(select(func.count(Tag.id)))}


@app.post("/tags/{number}")
async def tag_once(number: int, name: str, db: SessionDep):
    """A rollback expires what it has loaded, and none of that is given to FastAPI."""
    return await db.run_sync(lambda db: sync_tag_once(number, name, db))


def sync_tag_once(number: int, name: str, db: Session = Depends(get_db)):
    known = len(db.scalars(select(Tag)).all())
    try:
        db.add(Tag(id=number, name=name))
        db.commit()
    except IntegrityError:
        db.rollback()
        return {"number": number, "error": str(known), "length": len(name)}
    return {"number": number}


@app.put("/tags/{number}")
def rename(number: int, name: str, db: Session = Depends(get_db)):  # stays: not-reached
    tag = db.get(Tag, number)
    tag.name = name
    db.rollback()
    return {"number": number, "tag": tag}


@app.post("/welcome")
def greet(background: BackgroundTasks, user: User = Depends(current_user)):
    background.add_task(welcome, user.name)
    background.add_task(clean)
    return user.name


@app.get("/tags")
async def tags(db: SessionDep):
    return (await db.scalars(select(Tag.name).order_by(Tag.id))).all()


@app.get("/name")
def name(found: str = Depends(deps.current_name)):
    return found


@app.get("/named")
async def named(user: User = Depends(current_user), db: AsyncSession = session_depends(get_session)):
    discard_uncommitted(db)
    return await db.run_sync(lambda db: getattr(deps, "current_name")(user, db))  # alchemove: unknown-origin
