import os

from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker

_engine = None
_factory = None


def get_engine():
    global _engine
    if _engine is None:
        _engine = create_engine(os.environ["DATABASE_URL"])
    return _engine


def get_factory():
    global _factory
    if _factory is None:
        engine = get_engine()
        _factory = sessionmaker(autocommit=False, autoflush=False, bind=engine)
    return _factory


def get_db():
    factory = get_factory()
    db = factory()
    try:
        yield db
    finally:
        db.close()
