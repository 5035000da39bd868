"""Objects that are read where an exception from behind a rollback is caught, in a ``finally``, or in the same expression."""

from session import SessionDep
from alchemove import discard_uncommitted, rollback_and_reload
from fastapi import FastAPI, HTTPException
from helpers import Clash, each_user, found, kept, managed, saved, strict, told, wrapped
from models import Tag, User
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

app = FastAPI()


class Context:
    user = None


CONTEXT = Context()
SEEN = []


@app.post("/raised")
async def raised(db: SessionDep):
    discard_uncommitted(db)
    user = await db.get(User, 1)
    try:
        try:
            db.add(Tag(name=None))
            await db.commit()
        except IntegrityError:
            await db.run_sync(rollback_and_reload)
            raise ValueError("no name")
    except ValueError as error:
        return [user.name, str(error)]


@app.post("/at-last")
async def at_last(db: SessionDep):
    user = await db.get(User, 1)
    try:
        db.add(Tag(name=None))
        await db.commit()
    except IntegrityError:
        await db.run_sync(rollback_and_reload)
        return SEEN
    finally:
        SEEN.append(user.name)


@app.post("/strict")
async def by_caller(db: SessionDep):
    user = await db.get(User, 1)
    try:
        await strict(db)
    except Clash:
        return user.name


@app.post("/again")
async def again(db: SessionDep):
    user = await db.get(User, 1)
    try:
        await saved(db)
    except IntegrityError as error:
        raise HTTPException(409, user.name) from error


@app.post("/beside")
async def beside(db: SessionDep):
    user = await db.get(User, 1)
    return [await kept(db), user.name]


@app.post("/chosen")
async def chosen(db: SessionDep):
    user = await db.get(User, 1)
    return user.name if not await kept(db) else None


@app.post("/branch")
async def branch(db: SessionDep):
    user = await db.get(User, 1)
    names = []
    if not await kept(db):
        names.append(user.name)
    return names


@app.post("/each")
async def each(db: SessionDep):
    users = (await db.scalars(select(User).order_by(User.id))).all()
    return [user.name for user in users if not await kept(db)]


@app.post("/returned")
async def returned(db: SessionDep):
    return (await found(db, 1)).name


@app.post("/around")
async def around(db: SessionDep):
    user = await db.get(User, 1)
    await db.run_sync(wrapped)
    return user.name


@app.post("/quiet")
async def quiet(db: SessionDep):
    def in_session(db: Session):
        user = db.get(User, 1)
        told(db=db)
        return user.name

    return await db.run_sync(in_session)


@app.post("/one-by-one")
async def one_by_one(db: SessionDep):
    return [user.name async for user in each_user(db)]


@app.post("/managed")
async def by_manager(db: SessionDep):
    discard_uncommitted(db)
    user = await db.get(User, 1)
    try:
        async with managed(db):
            db.add(Tag(name=None))
    except IntegrityError:
        return user.name


@app.post("/context")
async def context(db: SessionDep):
    CONTEXT.user = await db.get(User, 1)
    try:
        db.add(Tag(name=None))
        await db.commit()
    except IntegrityError:
        await db.run_sync(rollback_and_reload)
    return CONTEXT.user.name


@app.post("/nothing")
async def nothing(db: SessionDep):
    """What catches the exception reads nothing, and what reads cannot catch it: the rollback stays what it is."""
    discard_uncommitted(db)
    user = await db.get(User, 1)
    try:
        try:
            db.add(Tag(name=None))
            await db.commit()
        except IntegrityError:
            await db.rollback()
            raise HTTPException(409, "no name")
    except ValueError:
        return user.name
    except HTTPException as error:
        return error.detail
