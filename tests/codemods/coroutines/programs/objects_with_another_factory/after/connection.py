import os
from collections.abc import Iterator

from sqlalchemy import create_engine
from sqlalchemy.orm import Session, sessionmaker


class Connection:
    def __init__(self, url: str) -> None:
        self.engine = create_engine(url)
        self.SessionLocal = sessionmaker(autoflush=False, bind=self.engine)

    def get_db(self) -> Iterator[Session]:  # stays: sync-session
        with self.SessionLocal() as db:
            yield db


kept = Connection(os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg2://"))
