"""What forces functions to stay sync by itself."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from database import SessionLocal
from models import Post, User


def command(function):
    return function


def receiver(function):
    return function


def validator(function):
    return function


def route(function):
    return function


@command
def count_users():  # stays: command
    with SessionLocal() as db:
        return total(db)


@receiver
def on_login(db: Session):  # stays: event-handler
    return total(db)


@route
def flask_view(db: Session):  # stays: wsgi-view
    return total(db)


def total(db: Session) -> int:  # stays: unfollowed-calls
    return db.scalar(select(func.count(User.id)))


class Report:
    def __init__(self, db: Session):  # stays: constructor
        self.db = db
        self.rows = db.scalar(select(func.count(Post.id)))

    def __len__(self):  # stays: special-method
        return self.db.scalar(select(func.count(User.id)))

    @property
    def size(self):  # stays: property
        return self.db.scalar(select(func.count(User.id)))

    @validator
    def check(self, value):  # stays: validator
        return self.db.scalar(select(func.count(User.id))) == value

    def first_name(self):  # stays: special-method
        return self.db.scalars(select(User).order_by(User.id)).first().name


def batches(db: Session):  # stays: generator
    yield from db.scalars(select(User.name).order_by(User.id))


def callback(db: Session, ident: int):  # stays: not-reached
    return db.get(User, ident).name


CALLBACKS = {"name": callback}
