import os
from contextlib import contextmanager

from sqlalchemy import create_engine
from sqlalchemy.orm import Session, sessionmaker


def connect(url: str):
    engine = create_engine(url)
    return sessionmaker(bind=engine, autoflush=False), engine


Sessions, engine = connect(os.environ["DATABASE_URL"])


@contextmanager
def session_context():
    global Sessions
    session: Session = Sessions()
    try:
        yield session
    finally:
        session.close()
