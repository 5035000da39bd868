from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from session import SessionDep
from models import User

app = FastAPI()


class Reader:
    def __init__(self, db: AsyncSession):
        self.db = db

    async def first(self):
        return (await self.db.scalars(select(User.name).order_by(User.id))).first()


def get_reader(db: SessionDep):
    return Reader(db)


@app.get("/users")
async def users(db: SessionDep):
    return list(await db.scalars(select(User.name).order_by(User.id)))


@app.post("/users")
async def add(name: str, db: SessionDep):
    user = User(name=name)
    db.add(user)
    await db.commit()
    await db.refresh(user)
    if name == "nobody":
        raise HTTPException(409)
    return {"id": user.id}


@app.get("/first")
async def first(reader: Annotated[Reader, Depends(get_reader)]):
    return await reader.first()
