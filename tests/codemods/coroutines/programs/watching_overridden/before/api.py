from fastapi import Depends, FastAPI, HTTPException
from sqlalchemy import select
from sqlalchemy.orm import Session

from deps import get_db
from models import Tag

app = FastAPI()


@app.get("/tags")
def tags(db: Session = Depends(get_db)):
    return [tag.name for tag in db.scalars(select(Tag).order_by(Tag.id))]


@app.post("/tags")
def create(name: str, db: Session = Depends(get_db)):
    db.add(Tag(name=name))
    db.flush()
    if name == "refused":
        raise HTTPException(409, name)
    db.commit()
    return name
