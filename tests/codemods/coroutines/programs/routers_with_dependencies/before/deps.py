from fastapi import Depends, HTTPException
from sqlalchemy import select
from sqlalchemy.orm import Session

from database import get_db
from models import User


def current_user(name: str = "ada", db: Session = Depends(get_db)):
    user = db.scalars(select(User).where(User.name == name)).first()
    if user is None:
        raise HTTPException(401, "who")
    return user


def leader(db: Session = Depends(get_db)):
    return db.scalars(select(User).order_by(User.id)).first()


def counted(user: User = Depends(current_user)):
    """Nobody has committed it when the endpoint runs."""
    user.logins += 1


def refused(db: Session = Depends(get_db)):  # stays: shared-request
    db.get(User, 2).logins += 1


PROTECTED = [Depends(current_user), Depends(leader)]
