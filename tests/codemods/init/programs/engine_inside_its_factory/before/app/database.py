import os

from sqlalchemy import create_engine
from sqlalchemy.orm import declarative_base, sessionmaker

Base = declarative_base()
SessionLocal = sessionmaker(autoflush=False, bind=create_engine(os.environ["DATABASE_URL"], pool_pre_ping=True))


def get_db():
    session = SessionLocal()
    try:
        yield session
    finally:
        session.close()
