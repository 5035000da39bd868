from fastapi import Depends, FastAPI, HTTPException
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from database import get_db
from models import Tag, User

app = FastAPI()


def named(db: Session, name: str) -> Tag | None:
    return db.scalars(select(Tag).where(Tag.name == name)).first()


@app.get("/ready")
def ready(db: Session = Depends(get_db)):
    try:
        db.execute(text("SELECT 1"))
    except RuntimeError as error:
        raise HTTPException(503, str(error)) from error
    return {"database": "connected"}


@app.get("/user")
def user(db: Session = Depends(get_db)):
    return {"name": db.get(User, 1).name}


@app.post("/tags/{name}")
def create(name: str, db: Session = Depends(get_db)):
    tag = Tag(name=name)
    db.add(tag)
    db.commit()
    return {"name": name}


@app.get("/tags/{name}")
def tag(name: str, db: Session = Depends(get_db)):
    found = named(db, name)
    return {"id": found.id if found is not None else None}
