from fastapi import Depends, FastAPI
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from connection import kept
from models import Tag

app = FastAPI()


@app.post("/tags")
def tag(name: str, db: Session = Depends(kept.get_db)):  # stays: other-sessions
    db.add(Tag(name=name))
    return db.scalar(select(func.count(Tag.id)))


@app.post("/flush")
def flush() -> None:
    kept.SessionLocal = sessionmaker(bind=kept.engine)
