from fastapi import FastAPI, HTTPException
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError

from session import SessionDep
from models import Tag

app = FastAPI()


@app.get("/ready")
async def ready(db: SessionDep):
    try:
        return (await db.execute(text("SELECT 1"))).scalar()
    except OperationalError as error:
        raise HTTPException(503) from error


@app.post("/tags")
async def create(name: str, db: SessionDep):
    db.add(Tag(name=name))
    await db.commit()
    return await db.scalar(select(func.count(Tag.id)))
