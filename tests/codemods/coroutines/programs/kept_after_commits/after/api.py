"""What sets the option on the session of a request is meant for it: whether objects expire is not known there."""

from fastapi import Depends, FastAPI
from sqlalchemy import text
from sqlalchemy.orm import Session

from database import get_db
from models import User
from session import SessionDep

app = FastAPI()


def keep(db: Session) -> None:
    db.expire_on_commit = False


def rename(db: Session, number: int, name: str) -> None:  # stays: stale-after-commit
    db.execute(text("UPDATE users SET name = :name WHERE id = :number"), {"name": name, "number": number})
    db.commit()


@app.put("/kept")
def kept(name: str, db: Session = Depends(get_db)):  # stays: stale-after-commit
    keep(db)
    user = db.get(User, 1)
    rename(db, 1, name)
    return user.name


@app.get("/user")
async def shown(db: SessionDep):
    return (await db.get(User, 1)).name
