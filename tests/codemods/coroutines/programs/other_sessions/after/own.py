"""Sessions that are not those of the session module."""

from sqlalchemy import create_engine
from sqlalchemy.orm import Session, sessionmaker

from database import SessionLocal, engine
from session import database

archive = create_engine("sqlite://")
Unflushed = sessionmaker(bind=database.sync_engine, autoflush=False)
Archive = sessionmaker(bind=archive)
Same = sessionmaker(bind=database.sync_engine)


def get_unflushed():  # stays: sync-session
    db = Unflushed()
    try:
        yield db
    finally:
        db.close()


def get_archive():  # stays: sync-session
    db = Archive()
    try:
        yield db
    finally:
        db.close()


def made_later():
    return Same


def get_unknown():  # stays: sync-session
    db = made_later()()
    try:
        yield db
    finally:
        db.close()


def get_same():  # stays: sync-session
    db = Same()
    try:
        yield db
    finally:
        db.close()


def get_local():  # stays: sync-session
    db = SessionLocal()
    try:
        yield db
    finally:
        db.close()


def get_of_engine():  # stays: sync-session
    with Session(engine) as db:
        yield db
