"""Guards that requests use, and those that nobody does."""

from fastapi import Depends, HTTPException
from sqlalchemy import select
from sqlalchemy.orm import Session

from database import get_db
from models import Post, User

__all__ = ["can", "can_all", "check", "check_all", "current_user"]


def current_user(name: str = "ada", db: Session = Depends(get_db)) -> User:
    user = db.scalars(select(User).where(User.name == name)).first()
    if user is None:
        raise HTTPException(401, "who")
    return user


class Permissions:
    """What a user may do: its method has the name of what makes a guard."""

    def __init__(self, user: User):
        self.user = user

    def can(self, permission: str) -> bool:
        return self.user.name == "ada" or permission == "read"


def check(permission: str):
    def checker(user: User = Depends(current_user), db: Session = Depends(get_db)) -> int:
        if not Permissions(user).can(permission):
            raise HTTPException(403, permission)
        return len(db.scalars(select(Post).where(Post.author_id == user.id)).all())

    return checker


def can(permission: str):
    return check(permission)


def check_all(permissions: list[str]):
    def checker(user: User = Depends(current_user), db: Session = Depends(get_db)) -> int:  # stays: not-reached
        if not all(Permissions(user).can(permission) for permission in permissions):
            raise HTTPException(403, "all of them")
        return len(db.scalars(select(Post)).all())

    return checker


def can_all(permissions: list[str]):
    return check_all(permissions)


class Allowed:
    """Its objects are called by FastAPI alone."""

    def __init__(self, permission: str):
        self.permission = permission

    def __call__(self, user: User = Depends(current_user), db: Session = Depends(get_db)) -> str:
        if not Permissions(user).can(self.permission):
            raise HTTPException(403, self.permission)
        return db.scalars(select(Post.title).where(Post.author_id == user.id)).first()
