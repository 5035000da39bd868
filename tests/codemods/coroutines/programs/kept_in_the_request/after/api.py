from alchemove import discard_uncommitted, session_depends
from fastapi import Depends, HTTPException, Request
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

import deps
from session import SessionDep, get_session
from middlewares import app
from models import Tag, User


async def first(db: SessionDep):
    return await db.get(User, 1)


@app.get("/tags")
async def tags(db: SessionDep):
    return [tag.name for tag in await db.scalars(select(Tag).order_by(Tag.id))]


@app.get("/user")
def user(found: User = Depends(first), db: AsyncSession = session_depends(get_session)):
    return [found.name, found in db]


@app.get("/called")
def read_called(request: Request):
    return deps.get_called(request).get(Tag, 1).name


@app.post("/plain")
async def post_plain(name: str, commit: bool, db: SessionDep):
    discard_uncommitted(db)
    db.add(Tag(name=name))
    if commit:
        await db.commit()
    if name == "refused":
        raise HTTPException(409, name)
    return name


@app.post("/careful")
async def post_careful(name: str, commit: bool, db: SessionDep):
    discard_uncommitted(db)
    db.add(Tag(name=name))
    if commit:
        await db.commit()
    if name == "refused":
        raise HTTPException(409, name)
    return name


@app.post("/block")
async def post_block(name: str, commit: bool, db: SessionDep):
    discard_uncommitted(db)
    db.add(Tag(name=name))
    if commit:
        await db.commit()
    if name == "refused":
        raise HTTPException(409, name)
    return name


@app.post("/dispatched")
async def post_dispatched(name: str, commit: bool, db: SessionDep):
    discard_uncommitted(db)
    db.add(Tag(name=name))
    if commit:
        await db.commit()
    if name == "refused":
        raise HTTPException(409, name)
    return name


@app.post("/committed")
def post_committed(name: str, commit: bool, db: Session = Depends(deps.get_committed)):  # stays: custom-dependency
    db.add(Tag(name=name))
    if commit:
        db.commit()
    if name == "refused":
        raise HTTPException(409, name)
    return name


@app.post("/managed")
def post_managed(name: str, commit: bool, db: Session = Depends(deps.get_managed)):  # stays: other-sessions
    db.add(Tag(name=name))
    if commit:
        db.commit()
    if name == "refused":
        raise HTTPException(409, name)
    return name


@app.post("/read")
def post_read(name: str, commit: bool, db: Session = Depends(deps.get_read)):  # stays: custom-dependency
    db.add(Tag(name=name))
    if commit:
        db.commit()
    if name == "refused":
        raise HTTPException(409, name)
    return name


@app.post("/asked")
def post_asked(name: str, commit: bool, db: Session = Depends(deps.get_asked)):  # stays: custom-dependency
    db.add(Tag(name=name))
    if commit:
        db.commit()
    if name == "refused":
        raise HTTPException(409, name)
    return name


@app.post("/called")
def post_called(name: str, commit: bool, db: Session = Depends(deps.get_called)):  # stays: custom-dependency
    db.add(Tag(name=name))
    if commit:
        db.commit()
    if name == "refused":
        raise HTTPException(409, name)
    return name


@app.post("/late")
def post_late(name: str, commit: bool, db: Session = Depends(deps.get_late)):  # stays: custom-dependency
    db.add(Tag(name=name))
    if commit:
        db.commit()
    if name == "refused":
        raise HTTPException(409, name)
    return name
