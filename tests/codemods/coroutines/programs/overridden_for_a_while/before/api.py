from fastapi import Depends, FastAPI, HTTPException
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from database import get_db
from models import Tag

app = FastAPI()


@app.get("/ready")
def ready(db: Session = Depends(get_db)):
    try:
        return db.execute(text("SELECT 1")).scalar()
    except OperationalError as error:
        raise HTTPException(503) from error


@app.post("/tags")
def create(name: str, db: Session = Depends(get_db)):
    db.add(Tag(name=name))
    db.commit()
    return db.scalar(select(func.count(Tag.id)))
