import os

from sqlalchemy import create_engine
from sqlalchemy.orm import declarative_base, sessionmaker

URL = os.environ["DATABASE_URL"]
TEST_URL = "sqlite://"

engine = create_engine(URL)
SessionLocal = sessionmaker(autocommit=False, autoflush=False, bind=engine)

Base = declarative_base()

test_engine = create_engine(TEST_URL)
TestingSession = sessionmaker(autocommit=False, autoflush=False, bind=test_engine)


def get_db():
    db = SessionLocal()
    try:
        yield db
    finally:
        db.close()
