from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Post, User


def user_named(db: Session, name: str) -> User:
    return db.scalars(select(User).where(User.name == name)).one()


def titles(db: Session) -> list[str]:
    return list(db.scalars(select(Post.title).order_by(Post.id)))
