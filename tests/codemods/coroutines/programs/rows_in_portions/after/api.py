from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from session import SessionDep
from models import Tag, User

app = FastAPI()
TAGS = select(Tag).order_by(Tag.id).execution_options(yield_per=1)


def users(portion: int):
    return select(User).order_by(User.id).execution_options(yield_per=portion)


async def names(db: AsyncSession, statement):
    return await db.run_sync(lambda db: [found.name for found in db.scalars(statement)])


@app.get("/names")
async def read_names(db: SessionDep):
    return await names(db, users(2))


@app.get("/tags")
async def read_tags(db: SessionDep):
    return [(await db.run_sync(lambda db: db.scalars(TAGS).all()))[0].name, (await db.run_sync(lambda db: db.execute(TAGS).scalars().first())).name, (await db.run_sync(lambda db: db.scalar(TAGS))).name]


@app.get("/stepwise")
async def stepwise(db: SessionDep):
    def in_session(db: Session):
        statement = select(User).order_by(User.id)
        found = []
        for user in db.execute(statement, execution_options={"stream_results": True}).scalars():
            found.append(user.name)
        return found

    return await db.run_sync(in_session)


@app.get("/at-once")
async def at_once(db: SessionDep):
    return [user.name for user in (await db.execute(select(User).order_by(User.id))).scalars().yield_per(1)]


def in_portions(db: Session) -> list[str]:  # stays: server-side-cursor
    found = []
    for user in db.execute(select(User).order_by(User.id), execution_options={"stream_results": True}).scalars():
        found.append(user.name)
    return found


@app.get("/helped")
async def helped(db: SessionDep):
    return await db.run_sync(in_portions)
