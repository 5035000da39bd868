"""What asyncpg compares a text with, next to psycopg2: the same rows, whatever type the other side is of."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import date, datetime, timezone

import pytest
from sqlalchemy import (
    URL,
    BigInteger,
    Column,
    ColumnElement,
    Date,
    DateTime,
    Engine,
    Float,
    Integer,
    Numeric,
    String,
    bindparam,
    cast,
    create_engine,
    extract,
    literal,
    or_,
    select,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, aliased, declarative_base

from alchemove.database import Database
from alchemove.settings import Settings

Base = declarative_base()


class Order(Base):  # type: ignore[misc,valid-type]
    __tablename__ = "orders"
    id = Column(Integer, primary_key=True)
    number = Column(BigInteger)
    price = Column(Numeric(6, 2))
    weight = Column(Float)
    made_at = Column(DateTime)
    seen_at = Column(DateTime(timezone=True))
    day = Column(Date)
    name = Column(String(20))


COMPARED: list[ColumnElement[bool]] = [
    *(Order.id == "2", Order.id != "2", Order.id > "1", Order.id <= " 2 ", literal("2") == Order.id),
    *(Order.id.in_(["1", "3"]), Order.id.not_in(["1", "3"]), Order.id.in_([]), Order.id.between("1", "2")),
    *(~Order.id.between("1", "2"), Order.id.is_distinct_from("2"), or_(Order.id == "1", Order.id == "3")),
    *(Order.id == bindparam("key", "2"), Order.id + 1 == "3", extract("day", Order.made_at) == "2"),
    *(Order.number == "20000000000", Order.price == "2.00", Order.price > "1.5", Order.weight == "2.5"),
    *(Order.made_at >= "2026-01-02", Order.made_at < "2026-01-02T12:00:00", Order.seen_at > "2026-01-02"),
    *(Order.day == "2026-01-02", Order.day.between("2026-01-01", "2026-01-02")),
    *(cast(Order.made_at, Date) == "2026-01-02", Order.name == "2", Order.name.like("2%"), Order.name.in_(["1", "2"])),
]
REFUSED: list[ColumnElement[bool]] = [Order.id == "two", Order.id == "", Order.name == 2]


@pytest.fixture
def postgres(postgres_url: URL) -> Iterator[Engine]:
    engine = create_engine(postgres_url)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        for n in (1, 2, 3):
            at = datetime.fromisoformat(f"2026-01-0{n}")
            seen = at.replace(tzinfo=timezone.utc)
            order = Order(id=n, number=n * 10**10, price=n, weight=n + 0.5, made_at=at, seen_at=seen)
            order.day, order.name = date(2026, 1, n), str(n)
            session.add(order)
        session.commit()
    yield engine
    engine.dispose()


@pytest.fixture
async def database(postgres_url: URL, postgres: Engine) -> AsyncIterator[Database]:
    database = Database(Settings(url=postgres_url.set(drivername="postgresql+asyncpg")))
    yield database
    await database.dispose()


async def test_a_text_is_compared_as_what_is_on_the_other_side(postgres: Engine, database: Database) -> None:
    for criterion in COMPARED:
        statement = select(Order.id).where(criterion).order_by(Order.id)
        with Session(postgres) as sync:
            legacy = sync.scalars(statement).all()
        for _ in range(2):  # compiled, and from the cache
            async with database.session() as session:
                assert (await session.scalars(statement)).all() == legacy, str(criterion)


async def test_the_same_statement_takes_other_texts_from_the_cache(database: Database) -> None:
    async with database.session() as session:
        found = [await session.scalar(select(Order.name).where(Order.id == str(n))) for n in (1, 2, 3)]
    assert found == ["1", "2", "3"]


async def test_a_text_that_is_none_of_these_is_refused_by_both(postgres: Engine, database: Database) -> None:
    for criterion in REFUSED:
        with Session(postgres) as sync, pytest.raises(DBAPIError):
            sync.scalars(select(Order.id).where(criterion)).all()
        with pytest.raises(DBAPIError):
            async with database.session() as session:
                await session.scalars(select(Order.id).where(criterion))


async def test_texts_that_are_compared_in_joins_and_subqueries(postgres: Engine, database: Database) -> None:
    other = aliased(Order)
    inner = select(Order.id).where(Order.made_at > "2026-01-01").scalar_subquery()
    statement = select(Order.id, other.id).join(other, other.id > "2").where(Order.id.in_(inner)).order_by(Order.id)
    with Session(postgres) as sync:
        legacy = sync.execute(statement).all()
    async with database.session() as session:
        assert (await session.execute(statement)).all() == legacy
