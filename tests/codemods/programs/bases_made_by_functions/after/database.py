"""The extension object and the bases of all models are made by functions."""

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import create_engine
from sqlalchemy.orm import declarative_base, sessionmaker


class Findable:
    """What the models of one base have in common."""

    @classmethod
    def first(cls, session):
        return session.query(cls).first()  # refuse: session-not-proved


def make_extension(app=None):
    extension = SQLAlchemy(app)
    return extension


def make_base():
    return declarative_base()


def make_findable():
    return declarative_base(cls=Findable)


def prepare(name="app"):
    """Hands out what is made already."""
    db.name = name
    return db


db = make_extension()
prepared = prepare()
Base = make_base()
FindableBase = make_findable()
engine = create_engine("sqlite://")
Session = sessionmaker(engine)
