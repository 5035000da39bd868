import os

from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker

engine = None
SessionLocal = sessionmaker()


def configure(url):
    global engine
    engine = create_engine(url)
    SessionLocal.configure(bind=engine)


def configure_from_environment():
    configure(os.environ["DATABASE_URL"])
