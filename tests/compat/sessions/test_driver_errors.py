"""What is asked of an error, on asyncpg next to psycopg2: its class, the driver's own error in ``orig``, and its text."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import psycopg2
import pytest
from psycopg2 import errors
from sqlalchemy import URL, CheckConstraint, Column, Engine, ForeignKey, Integer, String, create_engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session, declarative_base

from alchemove.database import Database
from alchemove.settings import Settings

Base = declarative_base()


class Item(Base):  # type: ignore[misc,valid-type]
    __tablename__ = "items"
    id = Column(Integer, primary_key=True)
    name = Column(String(5), unique=True, nullable=False)
    count = Column(Integer, CheckConstraint("count > 0", name="positive"))
    parent_id = Column(ForeignKey("items.id", deferrable=True, initially="DEFERRED"))


WRITES = [
    "INSERT INTO items (id, name) VALUES (1, 'one')",
    "INSERT INTO items (id, name) VALUES (1, NULL)",
    "INSERT INTO items (id, name, count) VALUES (1, 'two', 0)",
    "INSERT INTO items (id, name) VALUES (1, 'much longer')",
    "INSERT INTO items (id, name, parent_id) VALUES (1, 'three', 99)",
    "UPDATE items SET count = 10000000000",
    "SELECT 1 / 0",
    "SELECT pg_sleep(3)",
    "DO $$ BEGIN RAISE EXCEPTION 'so not' USING DETAIL = 'why', HINT = 'what'; END $$",
    "LOCK TABLE items NOWAIT; SELECT 1 / 0",
    "SET TRANSACTION READ ONLY; DELETE FROM items",
    "SELECT * FROM items FOR UPDATE NOWAIT",
]


@pytest.fixture
def postgres(postgres_url: URL) -> Iterator[Engine]:
    engine = create_engine(postgres_url)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.execute(text("SET LOCAL statement_timeout = 0"))
        session.add(Item(id=100, name="one", count=1))
        session.commit()
        session.execute(text(f"ALTER DATABASE {postgres_url.database} SET statement_timeout = '300ms'"))
        session.commit()
    engine.dispose()
    yield engine
    engine.dispose()


@pytest.fixture
async def database(postgres_url: URL, postgres: Engine) -> AsyncIterator[Database]:
    database = Database(Settings(url=postgres_url.set(drivername="postgresql+asyncpg")))
    yield database
    await database.dispose()


def _seen(error: DBAPIError) -> dict[str, Any]:
    orig: Any = error.orig
    names = (
        "constraint_name",
        "table_name",
        "column_name",
        "message_primary",
        "message_detail",
        "sqlstate",
        "severity",
    )
    return {
        "class": type(error),
        "text": str(error).split("\n[SQL")[0],
        "orig": (type(orig).__module__, type(orig).__name__, str(orig), orig.args, orig.pgcode, orig.pgerror),
        "diag": [getattr(orig.diag, name) for name in names],
        "of": [c for c in vars(errors).values() if isinstance(c, type) and isinstance(orig, c)],
        "kinds": [c for c in vars(psycopg2).values() if isinstance(c, type) and isinstance(orig, c)],
    }


async def test_an_error_is_what_it_was(postgres: Engine, database: Database) -> None:
    with Session(postgres) as other:
        other.execute(text("SELECT * FROM items FOR UPDATE"))
        for statement in WRITES:
            with Session(postgres) as sync, pytest.raises(DBAPIError) as legacy:
                sync.execute(text(statement))
                sync.commit()
            with pytest.raises(DBAPIError) as modern:
                async with database.session() as session:
                    await session.execute(text(statement))
            assert _seen(modern.value) == _seen(legacy.value), statement


async def test_the_error_of_asyncpg_is_the_cause(database: Database) -> None:
    with pytest.raises(IntegrityError) as raised:
        async with database.session() as session:
            session.add(Item(name="one"))
            await session.flush()
    assert raised.value.orig is not None
    assert type(raised.value.orig.__cause__).__module__ == "asyncpg.exceptions"
    assert raised.value.params is not None
    async with database.session() as session:
        assert (await session.scalars(text("SELECT 1"))).one() == 1
