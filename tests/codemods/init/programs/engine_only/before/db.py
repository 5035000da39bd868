"""The connection to the warehouse."""
import os

import sqlalchemy as sa
from sqlalchemy import event

if "DATABASE_URL" not in os.environ:
    raise RuntimeError("DATABASE_URL is not set")

statements = []

db_engine = sa.create_engine(os.environ["DATABASE_URL"], pool_size=3, max_overflow=0)


@event.listens_for(db_engine, "before_cursor_execute")
def remember(connection, cursor, statement, parameters, context, executemany):
    statements.append(statement)


def ping() -> int:
    with db_engine.connect() as connection:
        return connection.execute(sa.text("SELECT 1")).scalar_one()
