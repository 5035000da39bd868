"""Two dependencies hand out a session, and what belongs to the one is only read beside the other."""

from fastapi import Depends, HTTPException
from sqlalchemy import select
from sqlalchemy.orm import Session

import database
from database import SessionLocal
from models import User


def get_db():  # stays: sync-session
    db = SessionLocal()
    try:
        yield db
    finally:
        db.close()


def current_team(name: str = "ada", db: Session = Depends(database.get_db)) -> int | None:
    return db.scalars(select(User.team_id).where(User.name == name)).first()


def current_user(name: str = "ada", db: Session = Depends(database.get_db)):
    user = db.scalars(select(User).where(User.name == name)).first()
    if user is None:
        raise HTTPException(401, "who")
    return user
