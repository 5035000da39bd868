from fastapi import Depends, FastAPI
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connection import get_db, kept
from dependencies import get_committed, get_handed, get_local, get_opened
from models import Tag

app = FastAPI()


def added(db: Session, name: str) -> list[int | None]:
    db.add(Tag(name=name))
    before = db.scalar(select(func.count(Tag.id)))
    db.flush()
    return [before, db.scalar(select(func.count(Tag.id)))]


@app.post("/of_the_object")
def of_the_object(name: str, db: Session = Depends(kept.get_db)):
    return added(db, name)


@app.post("/by_its_name")
def by_its_name(name: str, db: Session = Depends(get_db)):
    found = added(db, name)
    db.commit()
    return found


@app.post("/committed")
def committed(name: str, db: Session = Depends(get_committed)):
    return added(db, name)


@app.post("/opened")
def opened(name: str, db: Session = Depends(get_opened)):
    return added(db, name)


@app.post("/local")
def local(name: str, db: Session = Depends(get_local)):
    return added(db, name)


@app.post("/handed")
def handed(name: str, db: Session = Depends(get_handed)):
    return added(db, name)
