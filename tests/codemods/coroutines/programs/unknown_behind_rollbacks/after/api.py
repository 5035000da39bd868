"""What is read behind a rollback comes out of dictionaries, rows and functions: it may be an object, and is loaded again."""

from types import SimpleNamespace

from session import SessionDep
from alchemove import rollback_and_reload
from fastapi import FastAPI, Request
from models import Tag, Team, User
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

app = FastAPI()


@app.post("/by-name")
async def by_name(db: SessionDep):
    users = {user.name: user for user in (await db.scalars(select(User).order_by(User.id))).all()}
    try:
        db.add(Tag(name=None))
        await db.commit()
    except IntegrityError:
        await db.run_sync(rollback_and_reload)
    return {name: user.logins for name, user in users.items()}


@app.post("/rows")
async def rows(db: SessionDep):
    found = (await db.execute(select(User, Team).join(Team).order_by(User.id))).all()
    try:
        db.add(Tag(name=None))
        await db.commit()
    except IntegrityError:
        await db.run_sync(rollback_and_reload)
    return [[user.name, team.name] for user, team in found]


@app.post("/known")
async def known(db: SessionDep):
    users = {}
    for user in await db.scalars(select(User)):
        users[user.id] = user
    try:
        db.add(Tag(name=None))
        await db.commit()
    except IntegrityError:
        await db.run_sync(rollback_and_reload)
    return [users[number].name for number in sorted(users)]


@app.post("/shown")
async def shown(db: SessionDep):
    user = await db.get(User, 1)

    def show():
        return user.name

    try:
        db.add(Tag(name=None))
        await db.commit()
    except IntegrityError:
        await db.run_sync(rollback_and_reload)
    return show()


@app.post("/state")
async def state(request: Request, db: SessionDep):
    request.state.user = await db.get(User, 1)
    return await noted(request, db)


async def noted(request: Request, db: AsyncSession):
    try:
        db.add(Tag(name=None))
        await db.commit()
    except IntegrityError:
        await db.run_sync(rollback_and_reload)
    return request.state.user.name


CURRENT = SimpleNamespace()


@app.post("/current")
async def current(db: SessionDep):
    CURRENT.user = await db.get(User, 1)
    try:
        db.add(Tag(name=None))
        await db.commit()
    except IntegrityError:
        await db.run_sync(rollback_and_reload)
    return CURRENT.user.name


@app.post("/nothing")
async def nothing(db: SessionDep):
    """Nothing that was there before is read: the rollback stays what it is."""
    user = await db.get(User, 1)
    name = user.name
    names = ["ada"]
    try:
        db.add(Tag(name=None))
        await db.flush()
    except IntegrityError as error:
        await db.rollback()
        return [name.upper(), str(error.orig)[:0], [each.title() for each in names]]
    return None
