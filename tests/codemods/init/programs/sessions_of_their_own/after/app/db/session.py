"""The database and its sessions."""

from __future__ import annotations

import functools
import json
import os

from alchemove import Database
from sqlalchemy import create_engine, event
from sqlalchemy.orm import declarative_base

from app.env import load

load()

LABEL = os.environ["LABEL"]
URL = os.environ["DATABASE_URL"]
OPTIONS = {"json_serializer": functools.partial(json.dumps, sort_keys=True)}

if URL.startswith("sqlite"):
    engine = create_engine(URL, connect_args={"check_same_thread": False}, **OPTIONS)
else:
    engine = create_engine(URL, pool_size=2, isolation_level="REPEATABLE READ", **OPTIONS)

connections = []


@event.listens_for(engine, "connect")
def connected(connection, record):
    connections.append(LABEL)


Base = declarative_base()


def create_tables(drop: bool = False, bind=engine) -> None:
    if drop:
        Base.metadata.drop_all(bind)
    Base.metadata.create_all(bind)


database = Database.from_engine(
    engine,
    session_options={"autoflush": False, "expire_on_commit": False},
)

# with get_sync_session() as session: commits at the end, rolls back when the block
# raises, and closes.
get_sync_session = database.sync_session
# async with get_async_session() as session: the same for coroutines.
get_async_session = database.session
