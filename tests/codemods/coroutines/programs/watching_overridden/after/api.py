from alchemove import session_depends
from fastapi import FastAPI, HTTPException
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from deps import async_get_db
from models import Tag

app = FastAPI()


@app.get("/tags")
async def tags(db: AsyncSession = session_depends(async_get_db)):
    return [tag.name for tag in await db.scalars(select(Tag).order_by(Tag.id))]


@app.post("/tags")
async def create(name: str, db: AsyncSession = session_depends(async_get_db)):
    db.add(Tag(name=name))
    await db.flush()
    if name == "refused":
        raise HTTPException(409, name)
    await db.commit()
    return name
