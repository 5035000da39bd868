from fastapi import Depends
from sqlalchemy import select
from sqlalchemy.orm import Session

from database import get_db
from models import Post, User


class Report:
    def __init__(self, db: Session):
        self.db = db

    def __iter__(self):  # stays: special-method
        return iter(self.db.scalars(select(User.name).order_by(User.id)).all())


class Shelf:
    def __init__(self, db: Session):
        self.db = db

    def __contains__(self, ident: int) -> bool:  # stays: special-method
        return self.db.get(User, ident) is not None

    def __iter__(self):  # stays: special-method
        return iter(self.db.scalars(select(Post.title).order_by(Post.id)).all())


def get_report(db: Session = Depends(get_db)) -> Report:
    return Report(db)


def get_shelf(db: Session = Depends(get_db)) -> Shelf:
    return Shelf(db)


def names_of(db: Session) -> list[str]:
    return list(db.scalars(select(User.name).order_by(User.id)).all())
