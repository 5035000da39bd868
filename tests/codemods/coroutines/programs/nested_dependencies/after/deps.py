"""Dependencies that leave it to something else how the session ends, or close it a second time."""

from contextlib import contextmanager

from sqlalchemy.orm import Session

from database import SessionLocal, engine, get_db
from session import SessionDep


@contextmanager
def committing():  # stays: sync-session
    db = SessionLocal()
    try:
        yield db
        db.commit()
    except Exception:
        db.rollback()
        raise
    finally:
        db.close()


@contextmanager
def closing():  # stays: sync-session
    with SessionLocal() as db:
        yield db


@contextmanager
def telling():  # stays: sync-session
    db = SessionLocal()
    try:
        yield db
        db.commit()
        print("committed")
    finally:
        db.close()


class Unit:
    def __init__(self, session):
        self.session = session

    def __enter__(self):
        return self.session

    def __exit__(self, *error):  # stays: special-method
        self.session.commit()
        self.session.close()


scope = contextmanager(get_db)


def get_committing():  # stays: consumed-generator
    with committing() as db:
        yield db


def get_closing():  # stays: consumed-generator
    with closing() as db:
        yield db


def get_closing_committed():  # stays: sync-session
    with closing() as db:
        yield db
        db.commit()


def get_telling():  # stays: consumed-generator
    with telling() as db:
        yield db


def get_unit():  # stays: implicit-call
    with Unit(SessionLocal()) as db:
        yield db


def get_scope():
    with scope() as db:
        yield db


def get_from():
    yield from get_db()


def get_from_committing():  # stays: generator
    yield from get_both()


def get_both():  # stays: generator
    with Session(engine) as db:
        try:
            yield db
            db.commit()
        except Exception as error:
            db.rollback()
            raise error
        finally:
            db.close()


def get_other_error():  # stays: sync-session
    with Session(engine) as db:
        try:
            yield db
            db.commit()
        except Exception:
            db.rollback()
            raise ValueError("another one")
        finally:
            db.close()


async def async_get_other_error(db: SessionDep):
    try:
        yield db
        await db.commit()
    except Exception:
        await db.rollback()
        raise ValueError("another one")


def get_asked():  # stays: sync-session
    db = None
    try:
        db = SessionLocal()
        yield db
    finally:
        if db:
            db.close()


def get_asked_otherwise():  # stays: sync-session
    db = None
    try:
        db = SessionLocal()
        yield db
        db.commit()
    except LookupError:
        raise
    except Exception:
        db.rollback()
        raise
    finally:
        if db is not None:
            db.close()


async def get_async():  # stays: sync-session
    db = SessionLocal()
    try:
        yield db
    finally:
        db.close()
