from typing import TypeVar
from uuid import NAMESPACE_URL, uuid5

from models import Base, User
from alchemove import rollback_and_reload
from pydantic import UUID4
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

Model = TypeVar("Model", bound=Base)


class Repository:
    def __init__(self, model: type[Model]):
        self.model = model

    async def all(self, db: AsyncSession) -> list[Model]:
        return (await db.scalars(select(self.model).order_by(self.model.id))).all()

    async def count(self, db: AsyncSession) -> int:
        return len((await db.scalars(select(self.model))).all())


users = Repository(User)


async def back(db: AsyncSession):
    await db.run_sync(rollback_and_reload)


def forget(db: Session):
    forget_all(db)


def forget_all(db: Session):
    db.expire_all()


async def saved(db: AsyncSession):
    try:
        await db.commit()
    except IntegrityError:
        await db.rollback()
        return False
    return True


async def made(db: AsyncSession, name: str):
    user = User(name=name)
    db.add(user)
    try:
        await db.commit()
    except IntegrityError:
        await db.run_sync(rollback_and_reload)
        return None
    return user


async def tried(db: AsyncSession, name: str):
    user = User(name=name)
    db.add(user)
    try:
        await db.commit()
    except IntegrityError:
        await db.rollback()
        return None
    return user


async def named(db: AsyncSession, name: str):
    return (await db.scalars(select(User).where(User.name == name))).first()


async def made_or_found(db: AsyncSession, name: str):
    user = User(name=name)
    db.add(user)
    try:
        await db.commit()
    except IntegrityError:
        await db.rollback()
        return await named(db, name)
    return user


async def told(db: AsyncSession, name: str) -> UUID4 | None:
    """What it gives is no mapped object, whatever was rolled back."""
    db.add(User(name=name))
    try:
        await db.commit()
    except IntegrityError:
        await db.rollback()
    found = await named(db, name)
    return uuid5(NAMESPACE_URL, found.name) if found else None


async def given(db: AsyncSession, name: str):
    return await made_or_found(db, name)
