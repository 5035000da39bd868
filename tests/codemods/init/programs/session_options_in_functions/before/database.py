import os

from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Session

engine = create_engine(os.environ["DATABASE_URL"])


class Base(DeclarativeBase):
    pass


def get_db():

    with Session(autocommit=False, autoflush=False, bind=engine) as db:
        yield db


def start() -> Session:
    return Session(engine, autoflush=False)
