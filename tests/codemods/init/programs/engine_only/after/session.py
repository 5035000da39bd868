"""The database and its sessions."""

import os

import sqlalchemy as sa
from alchemove import Database
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


database = Database.from_engine(db_engine)

# with get_sync_session() as session: commits at the end, rolls back when the block
# raises, and closes.
get_sync_session = database.sync_session
# async with get_async_session() as session: the same for coroutines.
get_async_session = database.session
