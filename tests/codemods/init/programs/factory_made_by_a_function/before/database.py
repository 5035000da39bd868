"""The database, and a function that makes factories for it."""

import os

from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker

made = []


class Base(DeclarativeBase):
    pass


def make_engine():
    return create_engine(os.environ["DATABASE_URL"])


def make_factory(*, expiring: bool = True, of=None):
    """A factory for one engine, or for one of its own."""
    bound = of or make_engine()
    return sessionmaker(bind=bound, autocommit=False, autoflush=False, class_=Session)


def make_other(bound, expiring):
    return sessionmaker(bound, autoflush=False, expire_on_commit=expiring)


def make_noted(bound):
    made.append(bound)
    return sessionmaker(bound, autoflush=False)


engine = make_engine()
SessionLocal: sessionmaker[Session] = make_factory(of=engine)
Other = make_other(engine, False)
Noted = make_noted(engine)
Apart = make_factory()


def get_db():
    db = SessionLocal()
    try:
        yield db
    finally:
        db.close()
