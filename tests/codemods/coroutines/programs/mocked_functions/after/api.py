from alchemove import session_depends
from fastapi import Depends, FastAPI
from sqlalchemy.ext.asyncio import AsyncSession

import services
from database import get_db
from models import User
from services import Users, count, users
from session import SessionDep, get_session

app = FastAPI()


@app.get("/names")
async def get_names(db: SessionDep):
    return await services.names(db)


@app.get("/count")
async def get_count(db: SessionDep):
    return await count(db)


@app.get("/first")
async def get_first(db: SessionDep):
    return await services.first(db)


@app.get("/last")
async def get_last(db: SessionDep):
    return await db.run_sync(services.last)


@app.get("/told")
async def get_told(db: SessionDep):
    return await db.run_sync(services.told)


@app.get("/users/{number}")
async def get_user(number: int, db: SessionDep):
    return await Users.name(db, number)


@app.get("/me")
async def me(user: User = Depends(users.current), db: AsyncSession = session_depends(get_session)):
    return [user.name, (await users.current(2, db)).name]


@app.get("/specified")
async def get_specified(db: SessionDep):
    return await services.specified(db)


@app.get("/assigned")
async def get_assigned(db: SessionDep):
    return await db.run_sync(services.assigned)
