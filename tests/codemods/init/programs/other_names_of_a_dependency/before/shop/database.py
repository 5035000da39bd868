import os

from sqlalchemy import create_engine
from sqlalchemy.orm import declarative_base, sessionmaker

engine = create_engine(os.environ["DATABASE_URL"])
SessionLocal = sessionmaker(autocommit=False, autoflush=False, bind=engine)
Base = declarative_base()


def get_database():
    db = SessionLocal()
    try:
        yield db
    finally:
        db.close()


# What the routers call it.
get_db = get_database
get_session = get_db

# One name for what may be something else.
chosen = get_database
if os.environ.get("DATABASE_READS"):
    chosen = get_session
