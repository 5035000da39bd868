"""Values without a type of their own, on asyncpg next to psycopg2: the same rows, whatever PostgreSQL takes a literal for."""

from __future__ import annotations

import enum
import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import (
    URL,
    Boolean,
    Column,
    Date,
    DateTime,
    Engine,
    Executable,
    Float,
    Integer,
    Interval,
    Numeric,
    SmallInteger,
    String,
    Time,
    bindparam,
    case,
    cast,
    create_engine,
    func,
    insert,
    literal,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, INET, JSONB, UUID
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import ProgrammingError, StatementError
from sqlalchemy.orm import Session, declarative_base

from alchemove.database import Database
from alchemove.settings import Settings

Base = declarative_base()


class Kind(str, enum.Enum):
    small = "small"


class Item(Base):  # type: ignore[misc,valid-type]
    __tablename__ = "items"
    id = Column(Integer, primary_key=True)
    rank = Column(SmallInteger)
    key = Column(UUID(as_uuid=True))
    name = Column(String(50), unique=True)
    price = Column(Numeric(10, 2))
    weight = Column(Float)
    tags = Column(ARRAY(String))
    data = Column(JSONB)
    made_at = Column(DateTime)
    day = Column(Date)
    clock = Column(Time)
    span = Column(Interval)
    address = Column(INET)
    flag = Column(Boolean)


NOON = datetime.fromisoformat("2026-07-01T12:30:00")
VALUES: list[object] = [
    *(
        "a",
        "it's",
        "",
        "50 %",
        "%(v_1)s %(id)s",
        "__[POSTCOMPILE_v]",
        "$1 :v ?",
        "a\\b'c",
        "\\x41%(",
        'ä\n\t"',
        Kind.small,
    ),
    *(5, -5, 10**12, 2**70, True, 1.5, -1e20, 1e-9, Decimal("1.50"), Decimal(-2), float("nan"), float("-inf")),
    *(
        NOON,
        NOON.replace(tzinfo=timezone(timedelta(hours=2))),
        NOON.date(),
        time(1, 2, 3),
        timedelta(-1, 5, 7),
        timedelta(3),
    ),
    *(uuid.UUID(int=5), [1, 2], ["a", "b'c"], [[1], [2]], [None, None], b"\x00\xff", bytearray(b"ab"), None),
]


def _text(sql: str, **values: object) -> Executable:
    return text(sql).bindparams(**values)


MONTH = func.date_trunc("month", Item.made_at)
SIZE = case((Item.price > 2, "large"), else_="small")
STATEMENTS: list[Executable] = [
    _text("SELECT id FROM items WHERE day >= :since ORDER BY id", since="2026-01-02"),
    _text("SELECT id FROM items WHERE made_at >= :since ORDER BY id", since=date(2026, 1, 2)),
    _text("SELECT id FROM items WHERE (:part IS NULL OR name ILIKE :part) ORDER BY id", part="%1"),
    _text("SELECT id FROM items WHERE (:part IS NULL OR name ILIKE :part) ORDER BY id", part=None),
    _text("SELECT id FROM items WHERE id IN :ids ORDER BY id", ids=(1, 2)),
    _text("SELECT id FROM items WHERE id = ANY(:ids) ORDER BY id", ids=[1, 3]),
    text("SELECT id FROM items WHERE id IN :ids").bindparams(bindparam("ids", ["1", "2"], expanding=True)),
    text("SELECT id FROM items WHERE id IN :ids").bindparams(bindparam("ids", [], expanding=True)),
    _text("SELECT id FROM items ORDER BY id LIMIT :count OFFSET :begin", count="2", begin="1"),
    _text("SELECT id FROM items WHERE made_at > now() - (:days || ' days')::interval ORDER BY id", days=30000),
    _text("SELECT :a || 'x', CAST(:b AS int), CAST(:c AS date), :d - :e", a="y", b="5", c="2026-01-01", d=5, e=-3),
    _text("SELECT '100%', 'a\\:b', :v", v="%"),
    select(MONTH, func.count()).group_by(MONTH).order_by(MONTH),
    select(func.to_char(Item.made_at, "YYYY"), SIZE, func.count()).group_by(func.to_char(Item.made_at, "YYYY"), SIZE),
    select(func.coalesce(Item.name, "none")).distinct().order_by(func.coalesce(Item.name, "none")),
    select(Item.data["a"].astext, func.count()).group_by(Item.data["a"].astext),
    select(func.coalesce(Item.day, "2026-01-01"), func.ceil(1.5), func.round(Item.price, 1)).order_by(Item.id),
    select(func.jsonb_set(Item.data, "{a}", "5"), func.age(Item.made_at, "2025-01-01")).order_by(Item.id),
    select(case((Item.id > 1, 1.5), else_=Item.price)).order_by(Item.id),
    select(Item.id).where(func.date(Item.made_at) == "2026-01-02"),
    select(Item.id).where(func.date(Item.made_at).in_(["2026-01-02", "2026-01-03"])).order_by(Item.id),
    select(Item.id).where(func.date(Item.made_at).between("2026-01-02", "2026-01-03")).order_by(Item.id),
    select(Item.id).where(Item.made_at > func.now() - cast("30000 days", Interval)).order_by(Item.id),
    select(Item.id).where(Item.flag == "true", Item.clock > "01:30", Item.span > "25 hours").order_by(Item.id),
    select(Item.id).where(Item.id < 10**12, Item.rank != 10**5, Item.id.in_([1, 10**10])).order_by(Item.id),
    select(Item.id, literal("x"), literal(2)).where(func.lower(Item.name) == "item1"),
    select(Item.address).order_by(Item.id),
    select(MONTH).where(datetime.fromisoformat("2026-01-01") == MONTH).group_by(MONTH),
    text("SELECT 1; SELECT ';' AS a; -- ;"),
    text("UPDATE items SET rank = 1; SELECT rank FROM items ORDER BY id"),
    _text("DO $$ BEGIN PERFORM 1; END $$; SELECT id FROM items WHERE name = :name;", name="item2"),
]
REFUSED: list[Executable] = [_text("SELECT :v", v={"a": 1}), _text("SELECT :v", v=object())]


@pytest.fixture
def postgres(postgres_url: URL) -> Iterator[Engine]:
    engine = create_engine(postgres_url)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        for n in (1, 2, 3):
            item = Item(
                id=n, rank=n, key=uuid.UUID(int=n), name=f"item{n}", price=n, weight=n / 2, tags=["x"], flag=True
            )
            item.made_at, item.day, item.clock = datetime.fromisoformat(f"2026-01-0{n}"), date(2026, 1, n), time(n)
            item.span, item.address, item.data = timedelta(n, 7200), f"10.0.0.{n}", {"a": n}
            session.add(item)
        session.commit()
    yield engine
    engine.dispose()


@pytest.fixture
async def database(postgres_url: URL, postgres: Engine) -> AsyncIterator[Database]:
    database = Database(Settings(url=postgres_url.set(drivername="postgresql+asyncpg")))
    yield database
    await database.dispose()


async def test_a_statement_gives_the_same_rows(postgres: Engine, database: Database) -> None:
    for statement in STATEMENTS:
        with Session(postgres) as sync:
            legacy = sync.execute(statement).all()
        for _ in range(2):  # compiled, and from the cache
            async with database.session() as session:
                found = (await session.execute(statement)).all()
                await session.rollback()
            assert repr(found) == repr(legacy), str(statement)


async def test_a_value_of_any_type_is_the_same_in_textual_sql(postgres: Engine, database: Database) -> None:
    for value in VALUES:
        statement = text("SELECT :v, pg_typeof(:v)::text, :v IS NULL")
        with Session(postgres) as sync:
            legacy = sync.execute(statement, {"v": value}).one()
        async with database.session() as session:
            found = (await session.execute(statement, {"v": value})).one()
        assert repr(_comparable(found)) == repr(_comparable(legacy)), repr(value)


def _comparable(row: Any) -> list[object]:
    # A binary value is read as a view of it by psycopg2, and a Decimal without digits behind the point is written in two ways.
    plain = [bytes(v) if isinstance(v, memoryview) else v for v in row]
    return [format(v, "f") if isinstance(v, Decimal) else v for v in plain]


async def test_texts_beside_parameters_are_never_taken_for_placeholders(postgres: Engine, database: Database) -> None:
    for value in (v for v in VALUES if isinstance(v, str)):
        statement = select(func.concat(value, Item.name)).where(Item.id.in_([1, 2]), Item.name != value)
        with Session(postgres) as sync:
            legacy = sync.scalars(statement.order_by(Item.id)).all()
        async with database.session() as session:
            assert (await session.scalars(statement.order_by(Item.id))).all() == legacy


async def test_a_value_that_psycopg2_cannot_write_is_refused_by_both(postgres: Engine, database: Database) -> None:
    for statement in REFUSED:
        with Session(postgres) as sync, pytest.raises(ProgrammingError, match="can't adapt type"):
            sync.execute(statement)
        with pytest.raises(ProgrammingError, match="can't adapt type"):
            async with database.session() as session:
                await session.execute(statement)
    with pytest.raises(StatementError, match="NUL"):
        async with database.session() as session:
            await session.execute(_text("SELECT :v", v="\x00"))


async def test_rows_are_written_with_functions_and_texts(postgres: Engine, database: Database) -> None:
    statements = [
        insert(Item).values(id=4, name=func.lower("NEW"), clock="10:30", price="1.005"),
        upsert(Item)
        .values(id=4, name="x")
        .on_conflict_do_update(index_elements=["id"], set_={"name": func.upper("y")}),
        update(Item)
        .where(Item.id == 4)
        .values(rank=case((Item.flag == True, 1), else_=2), day=func.date("2026-01-01")),  # noqa: E712
        _text(
            "INSERT INTO items (id, name, made_at, data) VALUES (:i, :n, :m, :d)",
            i="5",
            n=7,
            m="2026-01-01",
            d='{"a": 1}',
        ),
        text("SELECT * FROM items WHERE id > 3 ORDER BY id"),
    ]
    with Session(postgres) as sync:
        legacy = [sync.execute(s) for s in statements][-1].all()
        sync.rollback()
    async with database.session() as session:
        found = [await session.execute(s) for s in statements][-1].all()
    assert repr(found) == repr(legacy)
