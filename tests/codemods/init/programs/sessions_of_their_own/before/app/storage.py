# Storage of the application.
"""Engine and sessions."""
from __future__ import annotations

import functools
import json
import logging
import os
from contextlib import contextmanager

from sqlalchemy import create_engine, event
from sqlalchemy.orm import Session, declarative_base, scoped_session, sessionmaker

from app.env import load

logger = logging.getLogger(__name__)

load()

LABEL = os.environ["LABEL"]
URL = os.environ["DATABASE_URL"]
OPTIONS = {"json_serializer": functools.partial(json.dumps, sort_keys=True)}

if URL.startswith("sqlite"):
    engine = create_engine(URL, connect_args={"check_same_thread": False}, **OPTIONS)
else:
    engine = create_engine(URL, pool_size=2, isolation_level="REPEATABLE READ", **OPTIONS)

connections = []


@event.listens_for(engine, "connect")
def connected(connection, record):
    connections.append(LABEL)


# -- sessions --

# Queries see what was flushed by hand.
MakeSession = sessionmaker(engine, autoflush=False, expire_on_commit=False)
current = scoped_session(MakeSession)

Base = declarative_base()


def get_database():
    session: Session = MakeSession()
    try:
        yield session
    finally:
        session.close()


@contextmanager
def unit_of_work(label: str = "work"):
    """Like the usual one, and it logs."""
    session = MakeSession()
    try:
        yield session
        session.commit()
        logger.info("%s is done", label)
    except Exception:
        logger.exception("%s failed", label)
        session.rollback()
        raise
    finally:
        session.close()


def in_session(function):
    """Decorator: the first argument is a session."""

    @functools.wraps(function)
    def wrapper(*args):
        with unit_of_work(function.__name__) as session:
            return function(session, *args)

    return wrapper


def create_tables(drop: bool = False, bind=engine) -> None:
    if drop:
        Base.metadata.drop_all(bind)
    Base.metadata.create_all(bind)


def greeting(name: str) -> str:
    return f"hello {name}"
