import logging
import os
from functools import lru_cache
from typing import Optional

from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session, sessionmaker

log = logging.getLogger(__name__)
_engine: Optional[Engine] = None
_factory = None
Local: Optional[sessionmaker] = None
Replaced = None
opened: list[str] = []


class Mirror:
    """What its objects keep is none of the globals, whatever its name."""

    def __init__(self, url: str):
        self._engine = create_engine(url)
        self.Local = sessionmaker(self._engine)


def get_engine():
    global _engine
    if _engine is None:
        _engine = create_engine(os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg2://"))
    return _engine


def another_engine():
    return create_engine(os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg2://"))


AtImport = sessionmaker(autocommit=False, autoflush=False, bind=get_engine())
OnAnother = sessionmaker(autocommit=False, autoflush=False, bind=another_engine())


def get_factory():
    global _factory
    if _factory is None:
        engine = get_engine()
        _factory = sessionmaker(autocommit=False, autoflush=False, bind=engine)
    return _factory


@lru_cache
def cached_factory() -> sessionmaker:
    return sessionmaker(get_engine(), autoflush=False)


def flushing_factory():
    return sessionmaker(bind=get_engine())


def counting_factory():
    opened.append("factory")
    return sessionmaker(autoflush=False, bind=get_engine())


def configure():
    global Local, Replaced
    Local = sessionmaker(bind=get_engine(), autoflush=False)
    Replaced = sessionmaker(bind=get_engine(), autoflush=False)


def get_db():  # stays: sync-session
    """The factory first, then a session."""
    factory = get_factory()
    db = factory()
    try:
        yield db
    finally:
        db.close()


def get_at_once():  # stays: sync-session
    db: Session = cached_factory()()
    try:
        yield db
    finally:
        db.close()


def get_configured():  # stays: sync-session
    db = Local()
    try:
        yield db
    finally:
        db.close()


def get_of_engine():  # stays: sync-session
    with Session(get_engine(), autoflush=False) as db:
        yield db


def get_flushing():  # stays: sync-session
    factory = flushing_factory()
    with factory() as db:
        yield db


def get_counting():  # stays: sync-session
    factory = counting_factory()
    with factory() as db:
        yield db


def get_at_import():  # stays: sync-session
    with AtImport() as db:
        yield db


def get_on_another():  # stays: sync-session
    with OnAnother() as db:
        yield db


def get_replaced():  # stays: sync-session
    db = Replaced()
    try:
        yield db
    finally:
        db.close()


def get_shown():  # stays: sync-session
    factory = get_factory()
    log.info("%s", factory)
    db = factory()
    try:
        yield db
    finally:
        db.close()
