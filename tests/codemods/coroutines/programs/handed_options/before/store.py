from functools import wraps

from models import Post, User
from sqlalchemy import select
from sqlalchemy.orm import Session


class Users:
    def __init__(self, db: Session):
        self.db = db

    def find(self, number: int) -> User:
        return self.db.scalars(select(User).where(User.id == number)).one()

    def named(self, *names):
        return (
            self.db.scalars(
                select(User)
                .where(User.name.in_(names))
                .order_by(User.id)
            )
            .all()
        )


class Service:
    def __init__(self, db: Session):
        self.users = Users(db)

    def user(self, number: int):
        return self.users.find(number)

    def checked(self, number: int, *, active: bool = True):
        return self.user(
            number,
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


def everybody(db: Session):  # stays: deferred
    return db.scalars(select(User).order_by(User.id)).all()


def counted(db: Session):  # stays: deferred
    return len(everybody(db))


def oldest(db: Session):  # stays: deferred
    return everybody(db)[0].name
