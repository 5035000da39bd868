from alchemove import session_depends
from fastapi import Depends, FastAPI, HTTPException
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from connection import async_get_db, get_other, seen
from models import Tag

app = FastAPI()


@app.post("/tags")
async def create(name: str, db: AsyncSession = session_depends(async_get_db)):
    db.add(Tag(name=name))
    before = await db.scalar(select(func.count(Tag.id)))
    if name == "refused":
        raise HTTPException(409, name)
    await db.commit()
    return [before, await db.scalar(select(func.count(Tag.id))), len(seen)]


@app.get("/other")
def other(db: Session = Depends(get_other)):  # stays: other-sessions
    return db.scalar(select(func.count(Tag.id)))
