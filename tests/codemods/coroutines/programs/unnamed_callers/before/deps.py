"""What nothing calls any more calls what all requests need."""

from fastapi import Depends, HTTPException
from sqlalchemy import select
from sqlalchemy.orm import Session

from database import get_db
from models import Post, User


def current_user(name: str = "ada", db: Session = Depends(get_db)):
    user = db.scalars(select(User).where(User.name == name)).first()
    if user is None:
        raise HTTPException(401, "who")
    return user


def member_of(team_id: int, user: User = Depends(current_user)):
    return user.team_id == team_id


def titles(db: Session, user_id: int) -> list[str]:
    return list(db.scalars(select(Post.title).where(Post.author_id == user_id).order_by(Post.id)))


def current_writer(name: str = "ada", db: Session = Depends(get_db)):
    """No endpoint depends on it."""
    user = current_user(name, db)
    if not titles(db, user.id):
        raise HTTPException(403, "write first")
    return user


def first_title(db: Session, user_id: int) -> str:
    """Nothing calls it."""
    return (titles(db, user_id) or ["none"])[0]


def count(db: Session) -> int:  # stays: not-reached
    """Nothing calls it either, and it calls nothing."""
    return len(db.scalars(select(Post)).all())


def require(team_id: int):
    """Nothing makes one."""

    def dependency(user: User = Depends(current_user), db: Session = Depends(get_db)):  # stays: not-reached
        if user.team_id != team_id or not db.scalars(select(Post)).all():
            raise HTTPException(403)

    return dependency
