import os

from sqlmodel import SQLModel, create_engine

engine = create_engine(os.environ["DATABASE_URL"])


def create_db_and_tables() -> None:
    SQLModel.metadata.drop_all(engine)
    SQLModel.metadata.create_all(engine)
