"""Dependencies that return a session, which nobody closes, or which is closed too early to matter."""

from sqlalchemy.orm import Session, scoped_session

from database import SessionLocal, engine

registry = scoped_session(SessionLocal)


def get_returned():
    """A new session."""
    return SessionLocal()


def get_closed() -> Session:  # stays: sync-session
    db = SessionLocal()
    try:
        return db
    finally:
        db.close()


def get_made():
    db: Session = Session(engine)
    return db


def get_of_thread():
    """The same for all requests of one thread."""
    return registry()


def get_used():  # stays: sync-session
    """It has been used before."""
    db = SessionLocal()
    db.begin()
    return db
