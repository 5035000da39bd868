"""A script: what its factory is given says nothing about the sessions of requests."""

from sqlalchemy import func, select
from sqlalchemy.orm import sessionmaker

from database import engine
from models import User

SeedSession = sessionmaker(engine, expire_on_commit=False)


def main() -> None:  # stays: not-reached
    with SeedSession() as db:
        print(db.scalar(select(func.count(User.id))))
