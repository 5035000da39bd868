import os

from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker


def replica_engine():
    return create_engine(os.environ["REPLICA_URL"])


def make_engine():
    if "REPLICA_URL" in os.environ:
        return replica_engine()
    engine = create_engine(os.environ["DATABASE_URL"])
    return engine


SessionLocal = sessionmaker(autoflush=False, bind=make_engine())


def get_db():
    session = SessionLocal()
    try:
        yield session
    finally:
        session.close()
