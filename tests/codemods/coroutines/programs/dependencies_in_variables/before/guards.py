"""Guards, and what makes them."""

from fastapi import Depends, HTTPException
from sqlalchemy.orm import Session

from database import get_db
from models import Tag, Team, User


def current(user: int = 1, db: Session = Depends(get_db)) -> User:
    return db.get(User, user)


def require(team: str):
    def check(user: User = Depends(current), db: Session = Depends(get_db)) -> User:
        if db.get(Team, user.team_id).name != team:
            raise HTTPException(403)
        return user

    return check


def handed(user: int = 1, db: Session = Depends(get_db)) -> User:  # stays: not-reached
    return db.get(User, user)


def counted(db: Session = Depends(get_db)) -> None:
    db.add(Tag(name="counted"))


def chosen(strict: bool):
    if strict:
        return require("red")
    return current


def handled(user: int = 1, db: Session = Depends(get_db)) -> User:  # stays: not-reached
    return db.get(User, user)


HANDLERS = {"handled": handled}
