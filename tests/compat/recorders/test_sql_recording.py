from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import (
    ARRAY,
    JSON,
    URL,
    Engine,
    Integer,
    LargeBinary,
    Numeric,
    create_engine,
    delete,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, joinedload, mapped_column, selectinload
from sqlalchemy.pool import StaticPool

from alchemove.recorded_values import encoded
from alchemove.recording_file import read
from alchemove.sql_recording import SqlRecording
from alchemove.verify import verify

from .shop import Base, Comment, Post, Tag, User, fill


@pytest.fixture
def engine() -> Iterator[Engine]:
    made = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    Base.metadata.create_all(made)
    with Session(made) as session:
        fill(session)
    yield made
    made.dispose()


def recorded(engine: Engine, work: Callable[[Session], object]) -> list[dict[str, Any]]:
    with SqlRecording() as recording:
        recording.section("test")
        with Session(engine) as session:
            work(session)
    entries: list[dict[str, Any]] = recording.document()["sections"]["test"]["entries"]
    return entries


def brief(entries: list[dict[str, Any]]) -> list[str]:
    return [f"{each['transaction']} {each.get('event') or each['sql'].split()[0]}" for each in entries]


def test_statements_have_parameters_rows_and_the_line_that_sent_them(engine: Engine) -> None:
    def work(session: Session) -> None:
        session.execute(update(Tag).where(Tag.name == "t").values(name="u"))

    _, entry, _ = recorded(engine, work)
    assert entry["sql"].startswith("UPDATE tag SET name=?")
    assert (entry["parameters"], entry["rows"], entry["many"]) == (["u", "t"], 1, False)
    assert (entry["driver"], entry["style"]) == ("pysqlite", "qmark")
    line = work.__code__.co_firstlineno + 1
    assert entry["at"] == f"tests/compat/recorders/test_sql_recording.py:{line}"


def test_the_boundaries_of_transactions_are_recorded(engine: Engine) -> None:
    def work(session: Session) -> None:
        session.add(Tag(name="a"))
        session.commit()
        with session.begin_nested():
            session.add(Tag(name="b"))
        nested = session.begin_nested()
        session.add(Tag(name="c"))
        session.flush()
        nested.rollback()
        session.rollback()

    assert brief(recorded(engine, work)) == [
        "1 BEGIN", "1 INSERT", "1 COMMIT",
        "2 BEGIN", "2 SAVEPOINT", "2 INSERT", "2 RELEASE SAVEPOINT",
        "2 SAVEPOINT", "2 INSERT", "2 ROLLBACK TO SAVEPOINT", "2 ROLLBACK",
    ]  # fmt: skip


def test_statements_of_two_connections_belong_to_two_transactions(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'db'}")
    with SqlRecording() as recording, engine.connect() as one, engine.connect() as other:
        for connection in (one, other, one):
            connection.execute(text("SELECT 1"))
    [section] = recording.document()["sections"].values()
    assert brief(section["entries"]) == [
        "1 BEGIN", "1 SELECT", "2 BEGIN", "2 SELECT", "1 SELECT", "2 ROLLBACK", "1 ROLLBACK",
    ]  # fmt: skip
    engine.dispose()


def test_a_failing_statement_is_recorded_with_its_error(engine: Engine) -> None:
    def work(session: Session) -> None:
        with pytest.raises(IntegrityError):
            session.execute(insert(Tag).values(id=1, name="twice"))

    assert [each.get("error") for each in recorded(engine, work)] == [None, "IntegrityError", None]


def test_a_failing_insert_of_many_rows_is_recorded_with_all_of_them(engine: Engine) -> None:
    def work(session: Session) -> None:
        session.add_all([Tag(name="a"), Tag(name=None)])
        with pytest.raises(IntegrityError):
            session.flush()

    [failed] = [each for each in recorded(engine, work) if "error" in each]
    assert (failed["parameters"], failed["error"]) == ([["a"], [None]], "IntegrityError")


def test_many_rows_are_one_entry_with_all_parameters(engine: Engine) -> None:
    def work(session: Session) -> None:
        session.execute(insert(Tag), [{"name": str(number)} for number in range(3)])
        session.add_all([Tag(name=str(number)) for number in range(2500)])
        session.flush()

    entries = [each for each in recorded(engine, work) if "sql" in each]
    assert [(each["many"], len(each["parameters"])) for each in entries] == [(True, 3), (True, 2500)]


def test_what_the_orm_loads_for_relationships_is_marked(engine: Engine) -> None:
    def work(session: Session) -> None:
        users = session.scalars(select(User).options(selectinload(User.posts))).all()
        len(users[0].posts[0].comments)
        users[0].bio  # noqa: B018
        tag = session.get_one(Tag, 1)
        session.expire(tag)
        tag.name  # noqa: B018
        posts = session.scalars(select(Post).options(joinedload(Post.author))).all()
        assert posts[0].author

    loads = [(each.get("load"), each.get("attribute")) for each in recorded(engine, work) if "sql" in each]
    module = User.__module__
    assert loads == [
        (None, None), ("eager", f"{module}.User.posts"), ("lazy", f"{module}.Post.comments"),
        ("column", f"{module}.User"), (None, None), ("column", f"{module}.Tag"), (None, None),
    ]  # fmt: skip


def test_latent_lazy_loads_are_listed(engine: Engine) -> None:
    with SqlRecording() as recording, Session(engine) as session:
        users = session.scalars(select(User)).all()
        posts = session.scalars(select(Post)).all()
        assert posts[0].author is users[0]
    assert recording.document()["latent"] == [f"{Post.__module__}.Post.author"]


def test_sections_divide_what_is_sent_and_can_be_continued(engine: Engine) -> None:
    with SqlRecording() as recording, engine.connect() as connection:
        for name in ("a", "b", "a", "empty"):
            recording.section(name)
            if name != "empty":
                connection.execute(text(f"SELECT '{name}'"))
        recording.section("end")
    sections = recording.document()["sections"]
    assert {name: brief(section["entries"]) for name, section in sections.items()} == {
        "a": ["1 BEGIN", "1 SELECT", "2 SELECT"], "b": ["1 SELECT"], "empty": [], "end": ["1 ROLLBACK"],
    }  # fmt: skip


def test_after_the_end_nothing_is_recorded(engine: Engine) -> None:
    with SqlRecording() as recording:
        pass
    with Session(engine) as session:
        session.execute(select(User))
    assert recording.document()["sections"] == {}


def test_recording_changes_no_result(engine: Engine) -> None:
    def work() -> list[object]:
        with Session(engine) as session:
            return [
                [(user.name, [post.title for post in user.posts]) for user in session.scalars(select(User))],
                session.execute(select(func.count(Comment.id))).all(),
                session.execute(delete(Comment).where(Comment.id == -1)).rowcount,  # type: ignore[attr-defined]
            ]

    plain = work()
    with SqlRecording():
        assert work() == plain


def test_a_recording_is_written_and_read_again(engine: Engine, tmp_path: Path) -> None:
    with SqlRecording() as recording, Session(engine) as session:
        recording.section("tests/test_é.py::test[☃-\"']")
        session.add(User(name="é \0 ☃"))
        session.flush()
    path = tmp_path / "new" / "sql.json"
    recording.write(path)
    document = read(path)
    assert document["sections"] == recording.document()["sections"]
    assert verify(document, document).is_equal


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", '{"version": 2, "sections": {}}', '{"version": 1, "sections": {"a": {"started": 1, "entries": [{}]}}}',
     '{"version": 1, "sections": {"a": {"started": 1, "entries": [{"event": "BEGIN"}]}}}', '{"version": 1, "sections": []}'],
)  # fmt: skip
def test_a_file_that_is_no_recording_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(content)
    with pytest.raises(ValueError, match=r"x\.json is no SQL recording of alchemove"):
        read(path)


def test_values_of_drivers_are_written_alike() -> None:
    import psycopg2.extras
    from asyncpg import Range
    from sqlalchemy.dialects.postgresql import Range as SqlalchemyRange

    class Colour(str):
        __slots__ = ()

    assert encoded(psycopg2.Binary(b"x")) == encoded(b"x") == encoded(memoryview(b"x")) == {"$bytes": "78"}
    assert encoded(psycopg2.extras.Json({"a": 1})) == {"a": 1}
    assert encoded(Range(1, 2)) == encoded(psycopg2.extras.NumericRange(1, 2)) == {"$range": [1, 2, "[)"]}
    assert encoded(SqlalchemyRange(1, 2)) != encoded(None)
    assert encoded(Colour("red")) == "red"
    assert encoded((1, [True, None], {"a": Decimal("1.50")})) == [1, [True, None], {"a": {"$decimal": "1.50"}}]
    assert encoded(date(2020, 1, 2)) == {"$date": "2020-01-02"}


# -- sync and async on PostgreSQL -----------------------------------------------------------------------------------


class Other(DeclarativeBase):
    pass


class Thing(Other):
    __tablename__ = "thing"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[uuid.UUID] = mapped_column(default=uuid.uuid4)
    made: Mapped[datetime] = mapped_column(default=datetime.now)
    price: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    raw: Mapped[bytes] = mapped_column(LargeBinary)
    numbers: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    took: Mapped[timedelta]


def use(session: Session) -> None:
    things = [
        Thing(price=Decimal("1.50"), data={"a": 1}, raw=b"x", numbers=[1, 2], took=timedelta(hours=1)) for _ in range(3)
    ]
    session.add_all(things)
    session.flush()
    for thing in things:
        thing.price = Decimal(3)
    session.flush()
    week = datetime.now() + timedelta(days=7)  # noqa: DTZ005
    statement = (
        select(Thing)
        .where(Thing.made < week, Thing.id.in_([1, 2]), Thing.data["a"].as_integer() == 1)
        .order_by(Thing.id)
        .limit(5)
    )
    assert len(session.scalars(statement).all()) == 2
    session.execute(insert(Thing), [{"price": 1, "data": {}, "raw": b"", "numbers": [], "took": timedelta(1)}] * 2)
    session.execute(text("UPDATE thing SET raw = :raw WHERE id = :id AND id % 2 = 1"), {"raw": b"y", "id": 1})
    session.execute(update(Thing).where(Thing.key == things[0].key).values(price=Thing.price + 1))
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(text("INSERT INTO thing (id) VALUES (:id)"), {"id": 1})
    session.commit()
    assert session.scalar(select(func.count()).select_from(Thing)) == 5


def on_psycopg2(url: URL) -> dict[str, Any]:
    engine = create_engine(url)
    Other.metadata.drop_all(engine)
    Other.metadata.create_all(engine)
    with SqlRecording() as recording, Session(engine, expire_on_commit=False) as session:
        recording.section("test")
        use(session)
    engine.dispose()
    return recording.document()


def on_asyncpg(url: URL) -> dict[str, Any]:
    sync = create_engine(url)
    Other.metadata.drop_all(sync)
    Other.metadata.create_all(sync)
    sync.dispose()

    async def run() -> dict[str, Any]:
        engine = create_async_engine(url.set(drivername="postgresql+asyncpg"))
        with SqlRecording() as recording:
            recording.section("test")
            async with AsyncSession(engine, expire_on_commit=False) as session:
                await session.run_sync(use)
        await engine.dispose()
        return recording.document()

    return asyncio.run(run())


def test_the_same_work_on_psycopg2_and_on_asyncpg_is_the_same(postgres_url: URL) -> None:
    before, after = on_psycopg2(postgres_url), on_asyncpg(postgres_url)
    verdict = verify(before, after)
    assert verdict.different == {}
    assert verdict.is_equal
    assert verdict.statements[0] == verdict.statements[1] == 8
    # And it is not the same because nothing is compared.
    ours, theirs = (each["sections"]["test"]["entries"] for each in (before, after))
    assert [each.get("sql") for each in ours] != [each.get("sql") for each in theirs]
    changed = next(
        each
        for each in theirs
        if each.get("parameters") == [b"y".hex(), 1] or "UPDATE thing SET raw" in each.get("sql", "")
    )
    changed["parameters"] = [{"$bytes": "7a"}, 1]
    assert not verify(before, after).is_equal


def test_two_runs_on_the_same_driver_are_the_same(postgres_url: URL) -> None:
    assert verify(on_psycopg2(postgres_url), on_psycopg2(postgres_url)).different == {}
