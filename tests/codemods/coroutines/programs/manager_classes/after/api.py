from alchemove import discard_uncommitted
from fastapi import Depends, FastAPI, HTTPException
from sqlalchemy import select
from sqlalchemy.orm import Session

from deps import get_counted, get_quiet
from models import Tag
from session import SessionDep

app = FastAPI()


@app.get("/tags")
async def tags(db: SessionDep):
    return [tag.name for tag in await db.scalars(select(Tag).order_by(Tag.id))]


@app.post("/dropped")
async def dropped(name: str, db: SessionDep):
    discard_uncommitted(db)
    db.add(Tag(name=name))
    return name


@app.post("/kept")
async def kept(name: str, db: SessionDep):
    db.add(Tag(name=name))
    await db.commit()
    if name == "refused":
        db.add(Tag(name="second"))
        raise HTTPException(409, name)
    return name


@app.post("/unit")
async def unit(name: str, session: SessionDep):
    session.add(Tag(name=name))
    if name == "refused":
        raise HTTPException(409, name)
    return name


@app.get("/quiet")
def quiet(db: Session = Depends(get_quiet)):  # stays: custom-dependency
    return db.get(Tag, 1).name


@app.get("/counted")
def counted(db: Session = Depends(get_counted)):  # stays: custom-dependency
    return db.get(Tag, 1).name
