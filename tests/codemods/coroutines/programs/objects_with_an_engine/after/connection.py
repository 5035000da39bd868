import os
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import create_engine
from sqlalchemy.orm import Session, sessionmaker


class Connection:
    def __init__(self, url: str) -> None:
        self.engine = create_engine(url)
        self.SessionLocal = sessionmaker(autoflush=False, bind=self.engine)

    def get_db(self) -> Iterator[Session]:  # stays: generator
        db = self.SessionLocal()
        try:
            yield db
        finally:
            db.close()

    def open(self) -> Session:
        return self.SessionLocal()

    @contextmanager
    def session(self) -> Iterator[Session]:  # stays: sync-session
        db = self.SessionLocal()
        try:
            yield db
            db.commit()
        except Exception:
            db.rollback()
            raise
        finally:
            db.close()


kept = Connection(os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg2://"))
get_db = kept.get_db
