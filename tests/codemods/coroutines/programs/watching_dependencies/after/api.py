from typing import Annotated

from alchemove import discard_uncommitted, session_depends
from fastapi import Depends, FastAPI, HTTPException
from fastapi.responses import JSONResponse
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from deps import (
    async_get_committed,
    async_get_db,
    async_get_emptied_aloud,
    async_get_prepared,
    async_get_surrounded,
    async_get_tried,
    async_get_written,
    caller,
    get_audited,
    get_counted,
    get_known,
    get_looking,
    get_sometimes,
    get_swallowing,
    told,
)
from models import Tag, User
from session import SessionDep

app = FastAPI()


@app.exception_handler(ValueError)
def answer(request, error):
    return JSONResponse({"error": str(error)}, 422)


Db = Annotated[AsyncSession, session_depends(async_get_db)]


async def current_user(user_id: int, db: AsyncSession = session_depends(async_get_db)):
    user = await db.get(User, user_id)
    if user is None:
        raise HTTPException(404, "no such user")
    return user


@app.get("/told")
def what_was_told():
    return told


@app.get("/tags")
async def tags(db: AsyncSession = session_depends(async_get_db)):
    return [tag.name for tag in await db.scalars(select(Tag).order_by(Tag.id))]


@app.post("/tags")
async def create(name: str, db: AsyncSession = session_depends(async_get_db)):
    db.add(Tag(name=name))
    if name == "refused":
        raise HTTPException(409, name)
    if name == "wrong":
        raise ValueError(name)
    await db.commit()
    return name


@app.post("/mine")
async def mine(name: str, db: Db, user: User = Depends(current_user)):
    user.name = name
    await db.commit()
    return user.name


@app.post("/forgotten")
async def forgotten(name: str, db: Db):
    """Nobody commits it."""
    discard_uncommitted(db)
    db.add(Tag(name=name))
    return name


@app.post("/committed")
async def committed(name: str, again: bool = False, db: AsyncSession = session_depends(async_get_committed)):
    db.add(Tag(name=name))
    if again:
        db.add(Tag(id=1, name=name))
    if name == "refused":
        raise HTTPException(409, name)
    if name == "flushed":
        await db.flush()
    return name


@app.post("/tried")
async def tried(name: str, db: AsyncSession = session_depends(async_get_tried)):
    discard_uncommitted(db)
    return await added(name, db)


@app.post("/prepared")
async def prepared(name: str, db: AsyncSession = session_depends(async_get_prepared)):
    discard_uncommitted(db)
    return await added(name, db)


@app.post("/surrounded")
async def surrounded(name: str, db: AsyncSession = session_depends(async_get_surrounded)):
    discard_uncommitted(db)
    return await added(name, db)


@app.post("/emptied")
async def emptied(name: str, db: SessionDep):
    discard_uncommitted(db)
    return await added(name, db)


@app.post("/emptied-aloud")
async def emptied_aloud(name: str, db: AsyncSession = session_depends(async_get_emptied_aloud)):
    discard_uncommitted(db)
    return await added(name, db)


@app.get("/counted")
def counted(db: Session = Depends(get_counted)):  # stays: custom-dependency
    return db.scalar(select(Tag.name).where(Tag.id == 1))


async def added(name, db):
    db.add(Tag(name=name))
    if name == "refused":
        raise HTTPException(409, name)
    if name in ("wrong", "odd"):
        raise ValueError(name)
    if name != "forgotten":
        await db.commit()
    return name


@app.get("/written")
async def written(db: AsyncSession = session_depends(async_get_written)):
    return await db.scalar(select(Tag.name).where(Tag.id == 1))


@app.get("/known")
def known(db: Session = Depends(get_known)):  # stays: custom-dependency
    return caller.get(), db.scalar(select(Tag.name).where(Tag.id == 1))


@app.get("/sometimes")
def sometimes(db: Session = Depends(get_sometimes)):  # stays: custom-dependency
    return db.scalar(select(Tag.name).where(Tag.id == 1))


@app.get("/audited")
def audited(db: Session = Depends(get_audited)):  # stays: custom-dependency
    return db.scalar(select(Tag.name).where(Tag.id == 1))


@app.get("/swallowing")
def swallowing(db: Session = Depends(get_swallowing)):  # stays: custom-dependency
    return db.scalar(select(Tag.name).where(Tag.id == 1))


@app.get("/looking")
def looking(db: Session = Depends(get_looking)):  # stays: custom-dependency
    return db.scalar(select(Tag.name).where(Tag.id == 1))
