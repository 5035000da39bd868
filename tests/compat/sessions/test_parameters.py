"""What asyncpg stores for a value, and gives back, next to psycopg2: the same rows, whatever type the value is of."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from sqlalchemy import (
    CHAR,
    URL,
    BigInteger,
    Column,
    Date,
    DateTime,
    Engine,
    Enum,
    Float,
    Integer,
    Numeric,
    String,
    Text,
    create_engine,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, declarative_base

from alchemove.database import Database
from alchemove.settings import Settings

Base = declarative_base()


class Thing(Base):  # type: ignore[misc,valid-type]
    __tablename__ = "things"
    id = Column(Integer, primary_key=True)
    name = Column(String(60))
    remark = Column(Text)
    code = Column(CHAR(40))
    count = Column(Integer)
    size = Column(BigInteger)
    price = Column(Numeric(10, 2))
    exact = Column(Numeric)
    rating = Column(Float)
    at = Column(DateTime)
    seen = Column(DateTime(timezone=True))
    day = Column(Date)
    kind = Column(Enum("a", "b", name="kinds"))


NOON = datetime.fromisoformat("2026-07-01T12:30:00")
EAST = timezone(timedelta(hours=5))
UTC = timezone.utc
VALUES: list[tuple[str, object]] = [
    *(("name", v) for v in ("a", 5, -3, True, 1.5, 1e20, Decimal("1.50"), uuid.UUID(int=5), date(2026, 1, 2))),
    *(("name", v) for v in (NOON, NOON.replace(microsecond=500_000), None)),
    *(("remark", 5), ("code", 5), ("kind", "a")),
    *(("count", v) for v in (5, "5", " -7 ", 2.5, 3.5, -2.5, Decimal("4.5"))),
    *(("size", v) for v in ("9", 2**40)),
    *(("price", v) for v in (1, 1.005, 2.675, "1.005", Decimal("1.005"))),
    *(("exact", v) for v in (0.1, 1.10, "0.10", 1e20, Decimal("0.100"))),
    *(("rating", v) for v in (1, 1.1, "1.5", Decimal("1.25"))),
    *(("at", v) for v in (NOON, NOON.replace(tzinfo=UTC), NOON.replace(tzinfo=EAST), date(2026, 1, 3))),
    *(("at", v) for v in ("2026-01-02", "2026-01-02 03:04:05+02:00", "2026-01-02T03:04:05Z")),
    *(("seen", v) for v in (NOON, NOON.replace(tzinfo=UTC), NOON.replace(tzinfo=EAST), date(2026, 1, 3))),
    *(("seen", v) for v in ("2026-01-02T03:04:05", "2026-01-02 03:04:05+02:00")),
    *(("day", v) for v in (date(2026, 1, 2), NOON.replace(hour=23), NOON.replace(hour=23, tzinfo=UTC))),
    *(("day", v) for v in ("2026-01-02", "2026-01-02T03:04:05")),
]


@pytest.fixture(params=["UTC", "Europe/Berlin"])
def url(postgres_url: URL, request: pytest.FixtureRequest) -> URL:
    """A database whose sessions are in a time zone."""
    engine = create_engine(postgres_url)
    with engine.begin() as connection:
        connection.execute(text(f"ALTER DATABASE {postgres_url.database} SET timezone = '{request.param}'"))
    engine.dispose()
    return postgres_url


@pytest.fixture
def engine(url: URL) -> Iterator[Engine]:
    engine = create_engine(url)
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()


async def test_a_value_of_any_type_is_stored_and_read_as_with_psycopg2(url: URL, engine: Engine) -> None:
    with Session(engine) as session:
        for name, value in VALUES:
            session.add(Thing(**{name: value}))
            session.flush()
        session.commit()
        things = session.scalars(select(Thing).order_by(Thing.id)).all()
        before = [repr(getattr(thing, name)) for thing, (name, _) in zip(things, VALUES, strict=True)]
        session.query(Thing).delete()
        session.commit()
    database = Database(Settings(url=url.set(drivername="postgresql+asyncpg")))
    async with database.session() as later:
        for name, value in VALUES:
            later.add(Thing(**{name: value}))
            await later.flush()
    with Session(engine) as session:
        stored = session.scalars(select(Thing).order_by(Thing.id)).all()
        rows = [repr(getattr(thing, name)) for thing, (name, _) in zip(stored, VALUES, strict=True)]
    async with database.session() as later:
        found = (await later.scalars(select(Thing).order_by(Thing.id))).all()
        after = [getattr(thing, name) for thing, (name, _) in zip(found, VALUES, strict=True)]
    await database.dispose()
    assert dict(zip(map(repr, VALUES), rows, strict=True)) == dict(zip(map(repr, VALUES), before, strict=True))
    # A Decimal without digits behind the point is written in two ways.
    assert [repr(v) if not isinstance(v, Decimal) else repr(Decimal(format(v, "f"))) for v in after] == before


async def test_what_is_compared_with_a_time_is_compared_as_with_psycopg2(url: URL, engine: Engine) -> None:
    database = Database(Settings(url=url.set(drivername="postgresql+asyncpg")))
    moment = NOON.replace(tzinfo=UTC)
    with Session(engine) as session:
        session.add_all([Thing(at=moment - timedelta(minutes=n)) for n in range(3)])
        session.commit()
        before = [session.scalars(select(Thing.id).where(Thing.at < limit)).all() for limit in (moment, NOON)]
    async with database.session() as later:
        after = [(await later.scalars(select(Thing.id).where(Thing.at < limit))).all() for limit in (moment, NOON)]
    await database.dispose()
    assert after == before


@pytest.mark.parametrize(("name", "value"), [("count", "five"), ("at", "at noon"), ("day", "someday"), ("rating", "x")])
async def test_what_is_no_value_of_the_column_fails_as_before(
    name: str, value: object, url: URL, engine: Engine
) -> None:
    with Session(engine) as session, pytest.raises(DBAPIError):
        session.add(Thing(**{name: value}))
        session.commit()
    database = Database(Settings(url=url.set(drivername="postgresql+asyncpg")))
    with pytest.raises(DBAPIError):
        async with database.session() as later:
            later.add(Thing(**{name: value}))
    await database.dispose()
