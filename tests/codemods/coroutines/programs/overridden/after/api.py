from fastapi import FastAPI, HTTPException
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from session import SessionDep
from models import Tag, User

app = FastAPI()


async def named(db: AsyncSession, name: str) -> Tag | None:
    return (await db.scalars(select(Tag).where(Tag.name == name))).first()


@app.get("/ready")
async def ready(db: SessionDep):
    try:
        await db.execute(text("SELECT 1"))
    except RuntimeError as error:
        raise HTTPException(503, str(error)) from error
    return {"database": "connected"}


@app.get("/user")
async def user(db: SessionDep):
    return {"name": (await db.get(User, 1)).name}


@app.post("/tags/{name}")
async def create(name: str, db: SessionDep):
    tag = Tag(name=name)
    db.add(tag)
    await db.commit()
    return {"name": name}


@app.get("/tags/{name}")
async def tag(name: str, db: SessionDep):
    found = await named(db, name)
    return {"id": found.id if found is not None else None}
