from database import get_db
from fastapi import Depends
from models import User
from sqlalchemy import select
from sqlalchemy.orm import Session


class Names:
    def __init__(self, db):
        self.db = db

    def all(self):
        return [user.name for user in self.db.scalars(select(User).order_by(User.id))]


def handed_on(db: Session = Depends(get_db)):
    return db


def yielded(db: Session = Depends(get_db)):
    yield db


def committed(db: Session = Depends(get_db)):
    try:
        yield db
        db.commit()
    except Exception:
        db.rollback()
        raise


def names(db: Session = Depends(handed_on)):
    return Names(db)
