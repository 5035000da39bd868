from abc import ABC, abstractmethod
from typing import Protocol, runtime_checkable

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from models import Tag, User


class Counting(Protocol):
    async def total(self) -> int: ...

    async def described(self, text: str) -> str: ...


class UserCounter:
    def __init__(self, db: AsyncSession) -> None:
        self.db = db

    async def total(self) -> int:
        return await self.db.scalar(select(func.count(User.id)))

    async def described(self, text: str) -> str:
        return f"{text} {await self.total()}"


class NoCounter:
    async def total(self) -> int:
        return 0

    async def described(self, text: str) -> str:
        return text


class Store(ABC):
    def __init__(self, db: AsyncSession) -> None:
        self.db = db

    @abstractmethod
    async def names(self) -> list[str]: ...


class Users(Store):
    async def names(self) -> list[str]:
        return list(await self.db.scalars(select(User.name).order_by(User.id)))


class Tags(Store):
    async def names(self) -> list[str]:
        return list(await self.db.scalars(select(Tag.name).order_by(Tag.id)))


@runtime_checkable
class Sized(Protocol):
    def size(self) -> int: ...  # stays: property


class SizedUsers:
    def __init__(self, db: Session) -> None:
        self.db = db

    def size(self) -> int:  # stays: property
        return self.db.scalar(select(func.count(User.id)))


class SizedNames:
    def __init__(self, names: list[str], other: Sized) -> None:
        self.other = other

    def size(self) -> int:  # stays: property
        return self.twice

    @property
    def twice(self) -> int:  # stays: property
        return 2 * self.other.size()


class Half(Protocol):
    def first(self) -> str: ...

    def second(self) -> str: ...


class First:
    def __init__(self, db: Session) -> None:
        self.db = db

    def first(self) -> str:  # stays: unfollowed-calls
        return self.db.get(User, 1).name


class Behind:
    def __init__(self, db: Session) -> None:
        self.db = db

    def latest(self) -> str:  # stays: not-reached
        return self.db.scalar(select(func.max(User.name)))
