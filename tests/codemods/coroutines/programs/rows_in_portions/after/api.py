from fastapi import Depends, FastAPI
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from database import get_db
from models import Tag, User
from session import SessionDep

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
def stepwise(db: Session = Depends(get_db)):  # stays: server-side-cursor
    statement = select(User).order_by(User.id)
    found = []
    for user in db.execute(statement, execution_options={"stream_results": True}).scalars():
        found.append(user.name)
    return found


@app.get("/at-once")
async def at_once(db: SessionDep):
    return [user.name for user in (await db.execute(select(User).order_by(User.id))).scalars().yield_per(1)]
