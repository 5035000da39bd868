from database import get_db
from fastapi import Depends, Header, HTTPException
from models import Tag, Team, User
from sqlalchemy.orm import Session


def current_user(x_team: str = Header(""), db: Session = Depends(get_db)):
    """The request goes on with the user, whether the team could be noted or not."""
    user = db.get(User, 1)
    if user is None:
        raise HTTPException(401, "who?")
    try:
        db.add(Team(name=x_team))
        db.commit()
    except Exception:
        db.rollback()
    return user


def note_visit(x_tag: str | None = Header(None), db: Session = Depends(get_db)) -> None:
    """It gives nothing, and expires the user of the request."""
    db.add(Tag(name=x_tag))
    try:
        db.commit()
    except Exception:
        db.rollback()


def attempts(db: Session):
    """A dependency of nobody."""
    try:
        db.flush()
    except Exception:
        db.rollback()
        raise


def owner(db: Session = Depends(get_db)) -> User:
    """It runs as a whole, and what it gives is read outside of it."""
    user = db.get(User, 3)
    if db.get_transaction() is None:
        raise HTTPException(503)
    db.add(Tag(name=None))
    try:
        db.flush()
    except Exception:
        db.rollback()
    return user
