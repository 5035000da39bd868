"""It makes an engine of its own, and is named more often than the database."""

from sqlalchemy import create_engine, text
from sqlalchemy.orm import sessionmaker

seed_engine = create_engine("sqlite://")
SeedSession = sessionmaker(bind=seed_engine)


def teams():
    with SeedSession() as db:
        return db.scalar(text("SELECT 1"))


def users():
    with SeedSession() as db:
        return db.scalar(text("SELECT 2"))
