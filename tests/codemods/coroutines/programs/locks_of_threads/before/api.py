"""Endpoints that hold locks of threads while they talk to the database, and others that only look something up under one."""

import threading
from contextlib import contextmanager
from functools import wraps

from database import get_db
from fastapi import Depends, FastAPI
from models import Tag, User
from sqlalchemy import func, select
from sqlalchemy.orm import Session

app = FastAPI()
lock = threading.Lock()
again = threading.RLock()
names: dict[int, str] = {}


@app.post("/logins/{user_id}")
def logins(user_id: int, db: Session = Depends(get_db)):  # stays: thread-lock
    with lock:
        user = db.get(User, user_id)
        user.logins += 1
        db.commit()
        return user.logins


@app.get("/few")
def few(db: Session = Depends(get_db)):  # stays: thread-lock
    with threading.BoundedSemaphore(2):
        return db.scalar(select(func.count()).select_from(User))


class Registry:
    def __init__(self):
        self.guard = threading.Lock()
        self.ids = {}

    def id_of(self, db: Session, name: str):  # stays: thread-lock
        self.guard.acquire()
        try:
            if name not in self.ids:
                self.ids[name] = db.scalars(select(User.id).where(User.name == name)).one()
            return self.ids[name]
        finally:
            self.guard.release()


registry = Registry()


@app.get("/id/{name}")
def id_of(name: str, db: Session = Depends(get_db)):  # stays: thread-lock
    return registry.id_of(db, name)


def synchronized(function):
    @wraps(function)
    def one_at_a_time(*args):  # stays: thread-lock
        with again:
            return function(*args)

    return one_at_a_time


@synchronized
def tag(db: Session, name: str):  # stays: thread-lock
    found = db.scalars(select(Tag).where(Tag.name == name)).first()
    if found is None:
        found = Tag(name=name)
        db.add(found)
        db.commit()
    return found.id


@app.post("/tags/{name}")
def tagged(name: str, db: Session = Depends(get_db)):  # stays: thread-lock
    return tag(db, name)


@contextmanager
def alone():
    with again:
        yield


@app.get("/alone")
async def is_alone(db: Session = Depends(get_db)):  # stays: thread-lock
    with alone():
        return db.scalars(select(Tag.name).order_by(Tag.id)).all()


class Turn:
    def __enter__(self):
        lock.acquire()

    def __exit__(self, *error):
        lock.release()


@app.get("/turn")
def in_turn(db: Session = Depends(get_db)):  # stays: thread-lock
    with Turn():
        return db.scalars(select(Tag.name).order_by(Tag.id)).all()


@app.get("/name/{user_id}")
def name_of(user_id: int, db: Session = Depends(get_db)):
    with lock:
        known = names.get(user_id)
    if known is None:
        known = db.get(User, user_id).name
        with lock:
            names[user_id] = known
    return known


@app.get("/locked/{user_id}")
def locked(user_id: int, db: Session = Depends(get_db)):
    with db.begin_nested():
        return db.scalars(select(User).where(User.id == user_id).with_for_update()).one().name
