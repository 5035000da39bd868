from fastapi import Depends, FastAPI, HTTPException
from sqlalchemy import select
from sqlalchemy.orm import Session

from deps import (
    get_begun,
    get_begun_inside,
    get_block,
    get_committed,
    get_committed_otherwise,
    get_marked,
    get_marked_by_nobody,
    get_read,
    get_remembering,
    get_swallowing,
    get_told,
)
from models import Tag

app = FastAPI()


@app.get("/tags")
def tags(db: Session = Depends(get_committed)):
    return [tag.name for tag in db.scalars(select(Tag).order_by(Tag.id))]


@app.post("/committed")
def committed(name: str, db: Session = Depends(get_committed)):
    db.add(Tag(name=name))
    if name == "refused":
        raise HTTPException(409, name)
    return name


@app.post("/committed-otherwise")
def committed_otherwise(name: str, db: Session = Depends(get_committed_otherwise)):
    db.add(Tag(name=name))
    if name == "refused":
        raise HTTPException(409, name)
    return name


@app.post("/block")
def block(name: str, db: Session = Depends(get_block)):
    db.add(Tag(name=name))
    if name == "refused":
        raise HTTPException(409, name)
    return name


@app.post("/begun")
def begun(name: str, db: Session = Depends(get_begun)):
    db.add(Tag(name=name))
    if name == "refused":
        raise HTTPException(409, name)
    return name


@app.post("/begun-inside")
def begun_inside(name: str, db: Session = Depends(get_begun_inside)):
    db.add(Tag(name=name))
    if name == "refused":
        raise HTTPException(409, name)
    return name


@app.post("/swallowing")
def swallowing(name: str, db: Session = Depends(get_swallowing)):  # stays: custom-dependency
    db.add(Tag(name=name))
    if name == "refused":
        raise HTTPException(409, name)
    return name


@app.post("/told")
def told(name: str, db: Session = Depends(get_told)):
    db.add(Tag(name=name))
    if name == "refused":
        raise HTTPException(409, name)
    return name


@app.post("/nobody")
def nobody(name: str, db: Session = Depends(get_marked_by_nobody)):
    db.add(Tag(name=name))
    db.commit()
    return name


@app.post("/remembered")
def remembered(name: str, db: Session = Depends(get_remembering)):  # stays: custom-dependency
    tag = Tag(name=name)
    db.add(tag)
    db.commit()
    return tag.name


@app.post("/marked")
def marked(name: str, db: Session = Depends(get_marked)):
    """Nobody commits it."""
    db.add(Tag(name=name))
    return name


@app.get("/read")
def read(db: Session = Depends(get_read)):  # stays: custom-dependency
    return [db.read_by, db.get(Tag, 1).name]
