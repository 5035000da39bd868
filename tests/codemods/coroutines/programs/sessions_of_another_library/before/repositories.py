"""An editor has completed the import: it is the session of SQLAlchemy that is meant, and given."""

from pytest import Session
from sqlalchemy import select

from models import Tag


class Repository:
    def __init__(self, db: Session):
        self.db = db

    def names(self):
        return list(self.db.scalars(select(Tag.name).order_by(Tag.id)))

    def add(self, name):
        self.db.add(Tag(name=name))
        self.db.commit()


class Controller:
    def __init__(self, db):
        self.repository = Repository(db)

    def names(self):
        return self.repository.names()

    def add(self, name):
        self.repository.add(name)
        return self.names()
