import os

from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker

from shop.connections import Database

URL = os.environ["DATABASE_URL"]

engine = create_engine(URL)
SessionLocal = sessionmaker(autocommit=False, autoflush=False, bind=engine)
database = Database(URL)


def get_db():
    db = SessionLocal()
    try:
        yield db
    finally:
        db.close()
