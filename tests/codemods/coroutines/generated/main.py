"""A request to each endpoint, on rows that are as they were."""

import os

from api import app
from models import Base, seed
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

__all__ = ["app", "requests"]


def requests(client):
    engine = create_engine(os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg2://"))
    for path in [route.path for route in app.routes if route.path.startswith("/generated/")]:
        empty(engine)
        with Session(engine) as session:
            seed(session)
        try:
            yield client.post(path)
        except Exception:  # noqa: BLE001 - a client sees 500, whatever it is
            yield 500
        with engine.connect() as connection:
            yield [
                sorted(repr(row) for row in connection.execute(select(table))) for table in Base.metadata.sorted_tables
            ]
    engine.dispose()


def empty(engine):
    """Take all rows away, and begin to count anew."""
    tables = [table.name for table in Base.metadata.sorted_tables]
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE")
        else:
            for name in reversed(tables):
                connection.exec_driver_sql(f"DELETE FROM {name}")
