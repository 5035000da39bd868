"""The module that every router imports ``get_db`` from has another one than the users have."""

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


def current_user(name: str = "ada", db: Session = Depends(database.get_db)):  # stays: shared-request
    user = db.scalars(select(User).where(User.name == name)).first()
    if user is None:
        raise HTTPException(401, "who")
    return user


def active_user(user: User = Depends(current_user)):
    return user
