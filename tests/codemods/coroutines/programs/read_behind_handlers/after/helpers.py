from contextlib import asynccontextmanager
from functools import wraps

from models import Tag, User
from alchemove import rollback_and_reload
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session


class Clash(Exception):
    pass


async def strict(db: AsyncSession):
    try:
        db.add(Tag(name=None))
        await db.flush()
    except IntegrityError:
        await db.run_sync(rollback_and_reload)
        raise Clash


async def saved(db: AsyncSession):
    try:
        db.add(Tag(name=None))
        await db.flush()
    except Exception:
        await db.run_sync(rollback_and_reload)
        raise


async def kept(db: AsyncSession):
    try:
        db.add(Tag(name=None))
        await db.commit()
    except IntegrityError:
        await db.run_sync(rollback_and_reload)
        return False
    return True


async def found(db: AsyncSession, number: int):
    try:
        return await db.get(User, number)
    finally:
        await db.run_sync(rollback_and_reload)


def careful(function):
    @wraps(function)
    def inner(db: Session):  # stays: not-reached
        try:
            return function(db)
        except IntegrityError:
            rollback_and_reload(db)

    return inner


@careful
def wrapped(db: Session):  # stays: unknown-wrapper
    db.add(Tag(name=None))
    db.commit()


@asynccontextmanager
async def managed(db: AsyncSession):
    try:
        yield
        await db.commit()
    except IntegrityError:
        await db.run_sync(rollback_and_reload)
        raise


def quiet(function):
    def inner(*args, **kwargs):
        try:
            return function(*args, **kwargs)
        except IntegrityError:
            kwargs["db"].rollback()

    return inner


@quiet
def told(*, db: Session):  # stays: unknown-wrapper
    db.add(Tag(name=None))
    db.commit()


async def each_user(db: AsyncSession):
    for user in (await db.scalars(select(User).order_by(User.id))).all():
        await kept(db)
        yield user
