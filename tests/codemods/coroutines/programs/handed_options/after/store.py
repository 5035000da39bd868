from functools import wraps

from models import Post, User
from collections.abc import Sequence
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session
from sqlalchemy.orm.interfaces import ORMOption


class Users:
    def __init__(self, db: AsyncSession):
        self.db = db

    async def find(self, number: int, options: Sequence[ORMOption] = ()) -> User:
        return (await self.db.scalars(select(User).where(User.id == number).options(*options))).one()

    async def named(self, *names, options=()):
        return (
            (await self.db.scalars(
                select(User)
                .where(User.name.in_(names))
                .order_by(User.id)
                .options(*options)
            ))
            .all()
        )


class Service:
    def __init__(self, db: AsyncSession):
        self.users = Users(db)

    async def user(self, number: int, options: Sequence[ORMOption] = ()):
        return await self.users.find(number, options=options)

    async def checked(self, number: int, *, active: bool = True, options: Sequence[ORMOption] = ()):
        return await self.user(
            number, options=options,
        )


def post_of(db, number, **criteria):  # stays: awaited-inside
    return db.scalars(select(Post).where(Post.id == number).filter_by(**criteria)).one()


def tried(function):
    @wraps(function)
    def again(*args):
        return function(*args)

    return again


@tried
def first_post(db):
    return db.scalars(select(Post).order_by(Post.id)).first()


def any_post(db, options=None):  # stays: awaited-inside
    return db.scalars(select(Post).order_by(Post.id.desc())).first()


def everybody(db: Session, options: Sequence[ORMOption] = ()):  # stays: deferred
    return db.scalars(select(User).order_by(User.id).options(*options)).all()


def counted(db: Session):  # stays: deferred
    return len(everybody(db))


def oldest(db: Session):  # stays: deferred
    return everybody(db)[0].name
