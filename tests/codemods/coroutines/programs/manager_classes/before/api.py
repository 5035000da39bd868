from fastapi import Depends, FastAPI, HTTPException
from sqlalchemy import select
from sqlalchemy.orm import Session

from deps import get_counted, get_db, get_quiet, get_unit
from models import Tag

app = FastAPI()


@app.get("/tags")
def tags(db: Session = Depends(get_db)):
    return [tag.name for tag in db.scalars(select(Tag).order_by(Tag.id))]


@app.post("/dropped")
def dropped(name: str, db: Session = Depends(get_db)):
    db.add(Tag(name=name))
    return name


@app.post("/kept")
def kept(name: str, db: Session = Depends(get_db)):
    db.add(Tag(name=name))
    db.commit()
    if name == "refused":
        db.add(Tag(name="second"))
        raise HTTPException(409, name)
    return name


@app.post("/unit")
def unit(name: str, session: Session = Depends(get_unit)):
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
