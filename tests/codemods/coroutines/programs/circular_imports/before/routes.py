from fastapi import Depends
from sqlalchemy.orm import Session

from api import app, get_db
from models import Tag


@app.post("/tags")
def create(name: str, db: Session = Depends(get_db)):
    db.add(Tag(name=name))
    db.commit()
    return name
