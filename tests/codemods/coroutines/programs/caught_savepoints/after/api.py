"""Savepoints whose rollback is caught: it expires what was changed below them, and nothing else."""

from contextlib import suppress

from session import SessionDep
from alchemove import discard_uncommitted
from fastapi import FastAPI
from models import Team, User
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

app = FastAPI()


@app.post("/renamed")
async def renamed(db: SessionDep):
    discard_uncommitted(db)

    def in_session(db: Session):
        user = db.get(User, 1)
        try:
            with db.begin_nested():
                user.name = "ben"
                db.flush()
        except IntegrityError:
            pass
        return [user.name, user.logins]

    return await db.run_sync(in_session)


@app.post("/suppressed")
async def suppressed(db: SessionDep):
    def in_session(db: Session):
        user = db.get(User, 1)
        with suppress(IntegrityError), db.begin_nested():
            user.name = "ben"
        db.commit()
        return user.name

    return await db.run_sync(in_session)


@app.post("/another")
async def another(db: SessionDep):
    discard_uncommitted(db)
    user = (await db.scalars(select(User).where(User.name == "cleo"))).one()
    try:
        async with db.begin_nested():
            db.add(Team(name="red"))
    except IntegrityError:
        return user.name
    return "made"


@app.post("/left")
async def left(db: SessionDep):
    discard_uncommitted(db)
    user = await db.get(User, 1)
    try:
        async with db.begin_nested():
            user.logins = 7
            await db.flush()
    except IntegrityError:
        return "lost"
    await db.commit()
    return [user.name, user.logins]


def rename(db: Session, user: User, name: str):  # stays: read-after-rollback
    try:
        with db.begin_nested():
            user.name = name
            db.flush()
    except IntegrityError:
        pass


def found_as(db: Session, name: str) -> User:  # stays: read-after-rollback
    user = db.get(User, 1)
    try:
        with db.begin_nested():
            user.name = name
            db.flush()
    except IntegrityError:
        return user
    return user


async def rename_or_fail(db: AsyncSession, user: User, name: str):
    try:
        async with db.begin_nested():
            user.name = name
            await db.flush()
    except IntegrityError as error:
        raise ValueError(name) from error


@app.post("/helped")
async def helped(db: SessionDep):
    discard_uncommitted(db)

    def in_session(db: Session):
        user = db.get(User, 1)
        rename(db, user, "ben")
        return user.name

    return await db.run_sync(in_session)


@app.post("/found")
async def found(db: SessionDep):
    discard_uncommitted(db)

    def in_session(db: Session):
        return found_as(db, "ben").name

    return await db.run_sync(in_session)


@app.post("/failing")
async def failing(db: SessionDep):
    discard_uncommitted(db)
    user = await db.get(User, 1)
    await rename_or_fail(db, user, "ada the first")
    return user.name
