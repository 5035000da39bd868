"""Guards that requests use, and those that nobody does."""

from alchemove import session_depends
from fastapi import Depends, HTTPException
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from database import get_db
from models import Post, User
from session import get_session

__all__ = ["can", "can_all", "check", "check_all", "current_user"]


async def current_user(name: str = "ada", db: AsyncSession = session_depends(get_session)) -> User:
    user = (await db.scalars(select(User).where(User.name == name))).first()
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
    async def checker(user: User = Depends(current_user), db: AsyncSession = session_depends(get_session)) -> int:
        if not Permissions(user).can(permission):
            raise HTTPException(403, permission)
        return len((await db.scalars(select(Post).where(Post.author_id == user.id))).all())

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

    async def __call__(self, user: User = Depends(current_user), db: AsyncSession = session_depends(get_session)) -> str:
        if not Permissions(user).can(self.permission):
            raise HTTPException(403, self.permission)
        return (await db.scalars(select(Post.title).where(Post.author_id == user.id))).first()
