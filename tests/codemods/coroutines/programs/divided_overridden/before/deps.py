from fastapi import Depends, Header, HTTPException
from sqlalchemy import select
from sqlalchemy.orm import Session

from database import get_db
from models import Team, User


def current_user(x_name: str = Header("ada"), db: Session = Depends(get_db)) -> User:
    user = db.scalar(select(User).where(User.name == x_name))
    if user is None:
        raise HTTPException(401)
    return user


def active_user(user: User = Depends(current_user)) -> User:
    if user.name == "cleo":
        raise HTTPException(403)
    return user


def team(number: int = 1, db: Session = Depends(get_db)) -> Team:
    return db.get(Team, number)


def another_team():
    return Team(name="another")


def visitor(name: str = "ben", db: Session = Depends(get_db)) -> str:  # stays: shared-request
    return db.scalar(select(User.name).where(User.name == name))
