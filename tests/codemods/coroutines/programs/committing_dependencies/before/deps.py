"""Dependencies that do more than open a session and close it."""

from sqlalchemy.orm import Session

from database import SessionLocal, engine


def get_committed():  # stays: sync-session
    db = SessionLocal()
    try:
        yield db
        db.commit()
    except Exception:
        db.rollback()
        raise
    finally:
        db.close()


def get_committed_otherwise():  # stays: sync-session
    db = SessionLocal()
    try:
        yield db
    except Exception:
        db.rollback()
        raise
    else:
        db.commit()
    finally:
        db.close()


def get_block():  # stays: sync-session
    """Committed at the end of the block."""
    with SessionLocal() as db:
        yield db
        db.commit()


def get_begun():  # stays: sync-session
    with Session(engine) as db, db.begin():
        yield db


def get_begun_inside():  # stays: sync-session
    with SessionLocal() as session:
        with session.begin():
            yield session


def get_marked():  # stays: sync-session
    db = SessionLocal()
    db.marked_by = None
    try:
        yield db
    finally:
        db.close()


def get_marked_by_nobody():  # stays: sync-session
    db = SessionLocal()
    db.marked_by = "nobody"
    try:
        yield db
    finally:
        db.close()


def get_remembering():  # stays: sync-session
    """SQLAlchemy reads the attribute."""
    db = SessionLocal()
    db.expire_on_commit = False
    try:
        yield db
    finally:
        db.close()


def get_read():  # stays: sync-session
    db = SessionLocal()
    db.read_by = "somebody"
    try:
        yield db
    finally:
        db.close()


def get_swallowing():  # stays: sync-session
    db = SessionLocal()
    try:
        yield db
        db.commit()
    except ValueError:
        db.rollback()
    finally:
        db.close()


def get_told():  # stays: sync-session
    db = SessionLocal()
    try:
        yield db
        db.commit()
        print("committed")
    finally:
        db.close()
