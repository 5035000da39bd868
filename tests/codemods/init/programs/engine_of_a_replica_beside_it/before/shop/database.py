import os

from sqlalchemy import create_engine
from sqlalchemy.orm import declarative_base, sessionmaker

URL = os.environ["DATABASE_URL"]

engine = create_engine(URL)
read_engine = create_engine(os.environ.get("REPLICA_URL", URL))

SessionLocal = sessionmaker(autoflush=False, bind=engine)
ReadSession = sessionmaker(autoflush=False, bind=read_engine)

Base = declarative_base()


def get_db():
    db = SessionLocal()
    try:
        yield db
    finally:
        db.close()


def get_read_db():
    db = ReadSession()
    try:
        yield db
    finally:
        db.close()
