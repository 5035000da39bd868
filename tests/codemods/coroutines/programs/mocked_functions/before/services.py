"""Functions that tests have mocks replace."""

from fastapi import Depends
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from database import get_db
from models import Tag, User


def names(db: Session):
    return list(db.scalars(select(Tag.name).order_by(Tag.id)))


def count(db: Session) -> int:
    return db.scalar(select(func.count(Tag.id)))


def first(db: Session):
    return db.scalar(select(Tag.name).where(Tag.id == 1))


def last(db: Session):  # stays: unfollowed-calls
    return db.scalars(select(Tag.name).order_by(Tag.id.desc())).first()


def told(db: Session):  # stays: unfollowed-calls
    return db.scalar(select(Tag.name).where(Tag.id == 2))


def specified(db: Session):
    return db.scalar(select(Tag.name).where(Tag.id == 1))


def assigned(db: Session):  # stays: unfollowed-calls
    return db.scalar(select(Tag.name).where(Tag.id == 2))


class Users:
    @staticmethod
    def name(db: Session, number: int):
        user = db.get(User, number)
        return user.name if user is not None else None

    def current(self, number: int = 1, db: Session = Depends(get_db)):
        return db.get(User, number)


users = Users()
