from fastapi import Depends, FastAPI, HTTPException
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from database import get_db
from models import Tag

app = FastAPI()
HEARD = []


@event.listens_for(Session, "after_commit")
def committed(session):
    HEARD.append("committed")


@app.get("/tags/{key}")
def tag(key: int, db: Session = Depends(get_db)):
    """Nor of the end of one that fails."""
    found = db.get(Tag, key)
    if found is None:
        raise HTTPException(404, list(HEARD))
    return found.name


@app.get("/tags")
def names(db: Session = Depends(get_db)):
    """Nobody hears of its end."""
    return [list(HEARD), list(db.scalars(select(Tag.name).order_by(Tag.id)))]


@app.post("/tags")
def add(name: str, db: Session = Depends(get_db)):
    tag = Tag(name=name)
    db.add(tag)
    db.commit()
    db.refresh(tag)
    tag.name += "!"
    db.commit()
    return list(HEARD)
