from fastapi import Depends, HTTPException, Request
from sqlalchemy import select
from sqlalchemy.orm import Session

import deps
from deps import get_plain
from middlewares import app
from models import Tag, User


def first(db: Session = Depends(get_plain)):
    return db.get(User, 1)


@app.get("/tags")
def tags(db: Session = Depends(get_plain)):
    return [tag.name for tag in db.scalars(select(Tag).order_by(Tag.id))]


@app.get("/user")
def user(found: User = Depends(first), db: Session = Depends(get_plain)):
    return [found.name, found in db]


@app.get("/called")
def read_called(request: Request):
    return deps.get_called(request).get(Tag, 1).name


@app.post("/plain")
def post_plain(name: str, commit: bool, db: Session = Depends(deps.get_plain)):
    db.add(Tag(name=name))
    if commit:
        db.commit()
    if name == "refused":
        raise HTTPException(409, name)
    return name


@app.post("/careful")
def post_careful(name: str, commit: bool, db: Session = Depends(deps.get_careful)):
    db.add(Tag(name=name))
    if commit:
        db.commit()
    if name == "refused":
        raise HTTPException(409, name)
    return name


@app.post("/block")
def post_block(name: str, commit: bool, db: Session = Depends(deps.get_block)):
    db.add(Tag(name=name))
    if commit:
        db.commit()
    if name == "refused":
        raise HTTPException(409, name)
    return name


@app.post("/dispatched")
def post_dispatched(name: str, commit: bool, db: Session = Depends(deps.get_dispatched)):
    db.add(Tag(name=name))
    if commit:
        db.commit()
    if name == "refused":
        raise HTTPException(409, name)
    return name


@app.post("/committed")
def post_committed(name: str, commit: bool, db: Session = Depends(deps.get_committed)):  # stays: custom-dependency
    db.add(Tag(name=name))
    if commit:
        db.commit()
    if name == "refused":
        raise HTTPException(409, name)
    return name


@app.post("/managed")
def post_managed(name: str, commit: bool, db: Session = Depends(deps.get_managed)):  # stays: other-sessions
    db.add(Tag(name=name))
    if commit:
        db.commit()
    if name == "refused":
        raise HTTPException(409, name)
    return name


@app.post("/read")
def post_read(name: str, commit: bool, db: Session = Depends(deps.get_read)):  # stays: custom-dependency
    db.add(Tag(name=name))
    if commit:
        db.commit()
    if name == "refused":
        raise HTTPException(409, name)
    return name


@app.post("/asked")
def post_asked(name: str, commit: bool, db: Session = Depends(deps.get_asked)):  # stays: custom-dependency
    db.add(Tag(name=name))
    if commit:
        db.commit()
    if name == "refused":
        raise HTTPException(409, name)
    return name


@app.post("/called")
def post_called(name: str, commit: bool, db: Session = Depends(deps.get_called)):  # stays: custom-dependency
    db.add(Tag(name=name))
    if commit:
        db.commit()
    if name == "refused":
        raise HTTPException(409, name)
    return name


@app.post("/late")
def post_late(name: str, commit: bool, db: Session = Depends(deps.get_late)):  # stays: custom-dependency
    db.add(Tag(name=name))
    if commit:
        db.commit()
    if name == "refused":
        raise HTTPException(409, name)
    return name
