from fastapi import Depends, FastAPI, HTTPException
from sqlalchemy import select
from sqlalchemy.orm import Session

import deps
from models import Tag

app = FastAPI()


@app.get("/tags")
def tags(db: Session = Depends(deps.get_both)):
    return [tag.name for tag in db.scalars(select(Tag).order_by(Tag.id))]


@app.post("/committing")
def post_committing(name: str, db: Session = Depends(deps.get_committing)):
    db.add(Tag(name=name))
    if name == "refused":
        raise HTTPException(409, name)
    return name


@app.post("/closing")
def post_closing(name: str, db: Session = Depends(deps.get_closing)):
    db.add(Tag(name=name))
    if name == "refused":
        raise HTTPException(409, name)
    return name


@app.post("/closing_committed")
def post_closing_committed(name: str, db: Session = Depends(deps.get_closing_committed)):
    db.add(Tag(name=name))
    if name == "refused":
        raise HTTPException(409, name)
    return name


@app.post("/telling")
def post_telling(name: str, db: Session = Depends(deps.get_telling)):  # stays: custom-dependency
    db.add(Tag(name=name))
    if name == "refused":
        raise HTTPException(409, name)
    return name


@app.post("/unit")
def post_unit(name: str, db: Session = Depends(deps.get_unit)):  # stays: custom-dependency
    db.add(Tag(name=name))
    if name == "refused":
        raise HTTPException(409, name)
    return name


@app.post("/scope")
def post_scope(name: str, db: Session = Depends(deps.get_scope)):
    db.add(Tag(name=name))
    if name == "refused":
        raise HTTPException(409, name)
    return name


@app.post("/from")
def post_from(name: str, db: Session = Depends(deps.get_from)):
    db.add(Tag(name=name))
    if name == "refused":
        raise HTTPException(409, name)
    return name


@app.post("/from_committing")
def post_from_committing(name: str, db: Session = Depends(deps.get_from_committing)):
    db.add(Tag(name=name))
    if name == "refused":
        raise HTTPException(409, name)
    return name


@app.post("/other_error")
def post_other_error(name: str, db: Session = Depends(deps.get_other_error)):
    db.add(Tag(name=name))
    if name == "refused":
        raise HTTPException(409, name)
    return name


@app.post("/asked")
def post_asked(name: str, db: Session = Depends(deps.get_asked)):
    db.add(Tag(name=name))
    if name == "refused":
        raise HTTPException(409, name)
    return name


@app.post("/asked_otherwise")
def post_asked_otherwise(name: str, db: Session = Depends(deps.get_asked_otherwise)):
    db.add(Tag(name=name))
    if name == "refused":
        raise HTTPException(409, name)
    return name


@app.post("/async")
def post_async(name: str, db: Session = Depends(deps.get_async)):
    db.add(Tag(name=name))
    if name == "refused":
        raise HTTPException(409, name)
    return name
