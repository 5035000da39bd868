from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from fastapi.responses import JSONResponse
from sqlalchemy import select
from sqlalchemy.orm import Session

from deps import (
    caller,
    get_audited,
    get_committed,
    get_counted,
    get_db,
    get_emptied,
    get_emptied_aloud,
    get_known,
    get_looking,
    get_prepared,
    get_sometimes,
    get_surrounded,
    get_swallowing,
    get_tried,
    get_written,
    told,
)
from models import Tag, User

app = FastAPI()


@app.exception_handler(ValueError)
def answer(request, error):
    return JSONResponse({"error": str(error)}, 422)


Db = Annotated[Session, Depends(get_db)]


def current_user(user_id: int, db: Session = Depends(get_db)):
    user = db.get(User, user_id)
    if user is None:
        raise HTTPException(404, "no such user")
    return user


@app.get("/told")
def what_was_told():
    return told


@app.get("/tags")
def tags(db: Session = Depends(get_db)):
    return [tag.name for tag in db.scalars(select(Tag).order_by(Tag.id))]


@app.post("/tags")
def create(name: str, db: Session = Depends(get_db)):
    db.add(Tag(name=name))
    if name == "refused":
        raise HTTPException(409, name)
    if name == "wrong":
        raise ValueError(name)
    db.commit()
    return name


@app.post("/mine")
def mine(name: str, db: Db, user: User = Depends(current_user)):
    user.name = name
    db.commit()
    return user.name


@app.post("/forgotten")
def forgotten(name: str, db: Db):
    """Nobody commits it."""
    db.add(Tag(name=name))
    return name


@app.post("/committed")
def committed(name: str, again: bool = False, db: Session = Depends(get_committed)):
    db.add(Tag(name=name))
    if again:
        db.add(Tag(id=1, name=name))
    if name == "refused":
        raise HTTPException(409, name)
    if name == "flushed":
        db.flush()
    return name


@app.post("/tried")
def tried(name: str, db: Session = Depends(get_tried)):
    return added(name, db)


@app.post("/prepared")
def prepared(name: str, db: Session = Depends(get_prepared)):
    return added(name, db)


@app.post("/surrounded")
def surrounded(name: str, db: Session = Depends(get_surrounded)):
    return added(name, db)


@app.post("/emptied")
def emptied(name: str, db: Session = Depends(get_emptied)):
    return added(name, db)


@app.post("/emptied-aloud")
def emptied_aloud(name: str, db: Session = Depends(get_emptied_aloud)):
    return added(name, db)


@app.get("/counted")
def counted(db: Session = Depends(get_counted)):  # stays: custom-dependency
    return db.scalar(select(Tag.name).where(Tag.id == 1))


def added(name, db):
    db.add(Tag(name=name))
    if name == "refused":
        raise HTTPException(409, name)
    if name in ("wrong", "odd"):
        raise ValueError(name)
    if name != "forgotten":
        db.commit()
    return name


@app.get("/written")
def written(db: Session = Depends(get_written)):
    return db.scalar(select(Tag.name).where(Tag.id == 1))


@app.get("/known")
def known(db: Session = Depends(get_known)):  # stays: custom-dependency
    return caller.get(), db.scalar(select(Tag.name).where(Tag.id == 1))


@app.get("/sometimes")
def sometimes(db: Session = Depends(get_sometimes)):  # stays: custom-dependency
    return db.scalar(select(Tag.name).where(Tag.id == 1))


@app.get("/audited")
def audited(db: Session = Depends(get_audited)):  # stays: custom-dependency
    return db.scalar(select(Tag.name).where(Tag.id == 1))


@app.get("/swallowing")
def swallowing(db: Session = Depends(get_swallowing)):  # stays: custom-dependency
    return db.scalar(select(Tag.name).where(Tag.id == 1))


@app.get("/looking")
def looking(db: Session = Depends(get_looking)):  # stays: custom-dependency
    return db.scalar(select(Tag.name).where(Tag.id == 1))
