from alchemove import discard_uncommitted
from fastapi import FastAPI, HTTPException
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from session import SessionDep
from models import Tag

app = FastAPI()
HEARD = []


@event.listens_for(Session, "after_commit")
def committed(session):
    HEARD.append("committed")


@app.get("/tags/{key}")
async def tag(key: int, db: SessionDep):
    """Nor of the end of one that fails."""
    discard_uncommitted(db)
    found = await db.get(Tag, key)
    if found is None:
        raise HTTPException(404, list(HEARD))
    return found.name


@app.get("/tags")
async def names(db: SessionDep):
    """Nobody hears of its end."""
    discard_uncommitted(db)
    return [list(HEARD), list(await db.scalars(select(Tag.name).order_by(Tag.id)))]


@app.post("/tags")
async def add(name: str, db: SessionDep):
    discard_uncommitted(db)
    tag = Tag(name=name)
    db.add(tag)
    await db.commit()
    await db.refresh(tag)
    tag.name += "!"
    await db.commit()
    return list(HEARD)
