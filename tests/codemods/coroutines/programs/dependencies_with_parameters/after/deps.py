"""Dependencies that are given something beside the session they open: it may refuse the request."""

from fastapi import Depends, Header, HTTPException
from sqlalchemy.orm import Session

from database import SessionLocal, engine
from session import SessionDep


def check(x_token: str = Header("none")) -> str:
    if x_token == "none":
        raise HTTPException(401, "who")
    return x_token


def get_checked(token: str = Depends(check)):  # stays: sync-session
    db = SessionLocal()
    try:
        yield db
    finally:
        db.close()


async def async_get_checked(db: SessionDep, token: str = Depends(check)):
    yield db


def get_sharded(shard: int):  # stays: sync-session
    with SessionLocal() as db:
        yield db


async def async_get_sharded(db: SessionDep, shard: int):
    yield db


class Database:
    def get_db(self, token: str = Depends(check)):  # stays: sync-session
        db = SessionLocal()
        try:
            yield db
        finally:
            db.close()


database = Database()


def get_returned(token: str = Depends(check)) -> Session:
    return SessionLocal()


def get_optioned():  # stays: sync-session
    """Its sessions are not those that the factory makes."""
    db = SessionLocal(autoflush=False)
    try:
        yield db
    finally:
        db.close()


def get_bound():  # stays: sync-session
    with SessionLocal(bind=engine) as db:
        yield db
