from sqlalchemy import select
from sqlalchemy.orm import scoped_session, sessionmaker

from database import SessionLocal, engine
from models import Tag

registry = scoped_session(SessionLocal)
ScopedLocal = scoped_session(sessionmaker(autocommit=False, bind=engine))
shared = scoped_session(SessionLocal)
of_classes = scoped_session(SessionLocal)
one = object()
always = scoped_session(SessionLocal, scopefunc=lambda: one)


def get_db():  # stays: sync-session
    db = registry()
    try:
        yield db
    finally:
        db.close()


def get_scoped():  # stays: sync-session
    with ScopedLocal() as db:
        yield db


class Queried:
    """Nothing reads the query of a class that is derived from it."""

    query = of_classes.query_property()


def get_of_classes():  # stays: sync-session
    db = of_classes()
    try:
        yield db
    finally:
        db.close()


def get_shared():  # stays: sync-session
    """A function beside it works with the session of the thread."""
    db = shared()
    try:
        yield db
    finally:
        db.close()


def first_tag():  # stays: not-reached
    try:
        return shared.scalars(select(Tag.name).order_by(Tag.id)).first()
    finally:
        shared.remove()


def get_always():  # stays: sync-session
    """One session for all threads."""
    db = always()
    try:
        yield db
    finally:
        db.close()
