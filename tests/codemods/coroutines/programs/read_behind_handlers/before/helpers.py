from contextlib import contextmanager
from functools import wraps

from models import Tag, User
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session


class Clash(Exception):
    pass


def strict(db: Session):
    try:
        db.add(Tag(name=None))
        db.commit()
    except IntegrityError:
        db.rollback()
        raise Clash


def saved(db: Session):
    try:
        db.add(Tag(name=None))
        db.commit()
    except Exception:
        db.rollback()
        raise


def kept(db: Session):
    try:
        db.add(Tag(name=None))
        db.commit()
    except IntegrityError:
        db.rollback()
        return False
    return True


def found(db: Session, number: int):
    try:
        return db.get(User, number)
    finally:
        db.rollback()


def careful(function):
    @wraps(function)
    def inner(db: Session):  # stays: not-reached
        try:
            return function(db)
        except IntegrityError:
            db.rollback()

    return inner


@careful
def wrapped(db: Session):  # stays: unknown-wrapper
    db.add(Tag(name=None))
    db.commit()


@contextmanager
def managed(db: Session):
    try:
        yield
        db.commit()
    except IntegrityError:
        db.rollback()
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


def each_user(db: Session):
    for user in db.scalars(select(User).order_by(User.id)).all():
        kept(db)
        yield user
