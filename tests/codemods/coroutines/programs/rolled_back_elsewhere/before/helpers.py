from typing import TypeVar
from uuid import NAMESPACE_URL, uuid5

from models import Base, User
from pydantic import UUID4
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

Model = TypeVar("Model", bound=Base)


class Repository:
    def __init__(self, model: type[Model]):
        self.model = model

    def all(self, db: Session) -> list[Model]:
        return db.scalars(select(self.model).order_by(self.model.id)).all()

    def count(self, db: Session) -> int:
        return len(db.scalars(select(self.model)).all())


users = Repository(User)


def back(db: Session):
    db.rollback()


def forget(db: Session):
    forget_all(db)


def forget_all(db: Session):
    db.expire_all()


def saved(db: Session):
    try:
        db.commit()
    except IntegrityError:
        db.rollback()
        return False
    return True


def made(db: Session, name: str):
    user = User(name=name)
    db.add(user)
    try:
        db.commit()
    except IntegrityError:
        db.rollback()
        return None
    return user


def tried(db: Session, name: str):
    user = User(name=name)
    db.add(user)
    try:
        db.commit()
    except IntegrityError:
        db.rollback()
        return None
    return user


def named(db: Session, name: str):
    return db.scalars(select(User).where(User.name == name)).first()


def made_or_found(db: Session, name: str):
    user = User(name=name)
    db.add(user)
    try:
        db.commit()
    except IntegrityError:
        db.rollback()
        return named(db, name)
    return user


def told(db: Session, name: str) -> UUID4 | None:
    """What it gives is no mapped object, whatever was rolled back."""
    db.add(User(name=name))
    try:
        db.commit()
    except IntegrityError:
        db.rollback()
    found = named(db, name)
    return uuid5(NAMESPACE_URL, found.name) if found else None


def given(db: Session, name: str):
    return made_or_found(db, name)
