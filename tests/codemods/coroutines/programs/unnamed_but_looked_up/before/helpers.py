from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Post, User


def user_named(db: Session, name: str) -> User:  # stays: awaited-inside
    return db.scalars(select(User).where(User.name == name)).one()


def titles(db: Session, user_id: int) -> list[str]:  # stays: not-reached
    return list(db.scalars(select(Post.title).where(Post.author_id == user_id).order_by(Post.id)))


def command_first(db: Session) -> str:  # stays: not-reached
    """Nothing has its name, and it is run all the same."""
    return titles(db, 1)[0]
