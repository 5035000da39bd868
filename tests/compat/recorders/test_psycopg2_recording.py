"""Cursors of psycopg2 that the application makes itself, in SQL recordings."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import psycopg2
import psycopg2.extensions
import psycopg2.pool
import pytest
from psycopg2 import sql
from psycopg2.extras import DictCursor, LoggingConnection, RealDictCursor, execute_batch, execute_values
from sqlalchemy import URL, Engine, create_engine, event, text
from sqlalchemy.orm import Session

from alchemove.psycopg2_connection import install, take
from alchemove.sql_recording import SqlRecording
from alchemove.verify import verify

Take = Callable[[], Any]


@pytest.fixture
def engine(postgres_url: URL) -> Iterator[Engine]:
    made = create_engine(postgres_url)
    install(made)
    with made.begin() as connection:
        connection.execute(text("CREATE TABLE item (id SERIAL PRIMARY KEY, name TEXT NOT NULL UNIQUE)"))
        connection.execute(text("INSERT INTO item (name) VALUES ('a'), ('b')"))
    yield made
    made.dispose()


@pytest.fixture
def dsn(postgres_url: URL) -> str:
    return postgres_url.set(drivername="postgresql").render_as_string(hide_password=False)


WAYS = ["get_db_connection", "raw_connection", "connect", "own class", "pool"]


@pytest.fixture(params=WAYS)
def connect(request: pytest.FixtureRequest, engine: Engine, dsn: str) -> Take:
    """Each way in which legacy code gets a connection of psycopg2."""

    class Own(psycopg2.extensions.connection):
        pass

    ways: dict[str, Take] = {
        "get_db_connection": lambda: take(engine),
        "raw_connection": engine.raw_connection,
        "connect": lambda: psycopg2.connect(dsn),
        "own class": lambda: psycopg2.connect(dsn, connection_factory=Own, cursor_factory=DictCursor),
        "pool": lambda: psycopg2.pool.SimpleConnectionPool(1, 1, dsn).getconn(),
    }
    return ways[request.param]


def recorded(work: Callable[[], object]) -> dict[str, Any]:
    with SqlRecording() as recording:
        recording.section("test")
        work()
    return recording.document()


def brief(document: dict[str, Any]) -> list[str]:
    entries = document["sections"]["test"]["entries"]
    return [f"{each['transaction']} {each.get('event') or each['sql']}" for each in entries]


def statements(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [each for each in document["sections"]["test"]["entries"] if "sql" in each]


def test_statements_and_transactions_are_recorded_however_the_connection_was_made(connect: Take) -> None:
    def work() -> None:
        connection = connect()
        cursor = connection.cursor()
        cursor.execute("UPDATE item SET name = %s WHERE name = %s", ("c", "a"))
        cursor.execute("SELECT name FROM item ORDER BY id")
        assert len(cursor.fetchall()) == 2
        connection.commit()
        cursor.execute("SELECT '%', 1")
        cursor.close()
        connection.close()

    document = recorded(work)
    assert brief(document) == [
        "1 BEGIN",
        "1 UPDATE item SET name = %s WHERE name = %s",
        "1 SELECT name FROM item ORDER BY id",
        "1 COMMIT",
        "2 BEGIN",
        "2 SELECT '%', 1",
        "2 ROLLBACK",
    ]
    update = statements(document)[0]
    assert (update["parameters"], update["rows"], update["driver"]) == (["c", "a"], 1, "psycopg2")
    line = work.__code__.co_firstlineno + 3
    assert update["at"] == f"tests/compat/recorders/test_psycopg2_recording.py:{line}"


def test_the_with_block_of_a_connection_is_recorded_as_commit_and_as_rollback(engine: Engine) -> None:
    def work() -> None:
        with closing(take(engine)) as connection:
            with connection, connection.cursor(cursor_factory=RealDictCursor) as cursor:
                assert isinstance(cursor, RealDictCursor)
                cursor.execute("SELECT name FROM item WHERE id = %(id)s", {"id": 1})
                assert cursor.fetchone() == {"name": "a"}
            with pytest.raises(psycopg2.errors.UniqueViolation), connection, connection.cursor() as cursor:
                cursor.execute("INSERT INTO item (name) VALUES ('a')")

    document = recorded(work)
    assert [each.split(" ", 2)[:2] for each in brief(document)] == [
        ["1", "BEGIN"], ["1", "SELECT"], ["1", "COMMIT"], ["2", "BEGIN"], ["2", "INSERT"], ["2", "ROLLBACK"],
    ]  # fmt: skip
    select, insert = statements(document)
    assert select["parameters"] == {"id": 1}
    # The name that SQLAlchemy has for it, too.
    assert insert["error"] == "IntegrityError"


def test_moving_a_cursor_to_session_execute_is_the_same(engine: Engine) -> None:
    def legacy() -> None:
        with closing(take(engine)) as connection, connection, connection.cursor() as cursor:
            cursor.execute("SELECT id FROM item WHERE name = %s", ("a",))
            cursor.execute("DELETE FROM item WHERE id = %s AND name LIKE '%%'", cursor.fetchone())

    def modern() -> None:
        with Session(engine) as session, session.begin():
            found = session.execute(text("SELECT id FROM item WHERE name = :name"), {"name": "a"}).scalar_one()
            session.execute(text("DELETE FROM item WHERE id = :id AND name LIKE '%'"), {"id": found})

    def restored() -> None:
        with engine.begin() as connection:
            connection.execute(text("INSERT INTO item (id, name) VALUES (1, 'a')"))

    before = recorded(legacy)
    restored()
    assert verify(before, recorded(modern)).is_equal
    restored()
    without_commit = recorded(lambda: Session(engine).execute(text("SELECT id FROM item WHERE name = :n"), {"n": "a"}))
    assert not verify(before, without_commit).is_equal


def test_a_cursor_in_the_transaction_of_a_session_has_its_number_and_no_second_boundary(engine: Engine) -> None:
    def work() -> None:
        with Session(engine) as session:
            session.execute(text("INSERT INTO item (name) VALUES ('c')"))
            connection = take(engine, session)
            with connection, connection.cursor() as cursor:
                cursor.execute("UPDATE item SET name = 'd' WHERE name = 'c'")
            connection.close()
            session.connection().connection.cursor().execute("SELECT 1")
            session.commit()
            session.execute(text("SELECT 2"))

    assert brief(recorded(work)) == [
        "1 BEGIN",
        "1 INSERT INTO item (name) VALUES ('c')",
        "1 UPDATE item SET name = 'd' WHERE name = 'c'",
        "1 SELECT 1",
        "1 COMMIT",
        "2 BEGIN",
        "2 SELECT 2",
        "2 ROLLBACK",
    ]


def test_autocommit_has_no_boundaries_and_each_statement_is_a_transaction(engine: Engine) -> None:
    def work() -> None:
        with closing(take(engine)) as connection:
            connection.autocommit = True
            connection.cursor().execute("SELECT 1")
            connection.cursor().execute("SELECT 2")

    assert brief(recorded(work)) == ["1 SELECT 1", "2 SELECT 2"]


def test_everything_a_cursor_can_send_is_recorded(engine: Engine) -> None:
    def work() -> None:
        with closing(take(engine)) as connection, connection.cursor() as cursor:
            cursor.executemany("INSERT INTO item (name) VALUES (%s)", iter([("x",), ("y",)]))
            execute_values(cursor, "INSERT INTO item (name) VALUES %s", [("ä",)])
            execute_batch(cursor, "UPDATE item SET name = name WHERE id = %s", [(1,), (2,)])
            cursor.callproc("upper", ("x",))
            cursor.callproc("version")
            cursor.copy_from(io.StringIO("z\n"), "item", columns=("name",))
            cursor.copy_to(io.StringIO(), "item")
            cursor.copy_expert("COPY item (id) TO STDOUT", io.StringIO())
            cursor.execute(sql.SQL("SELECT {} FROM item").format(sql.Identifier("name")))
            with connection.cursor("named") as named:
                named.execute("SELECT id FROM item")
                assert len(named.fetchall()) == 6

    document = recorded(work)
    assert [each["sql"] for each in statements(document)] == [
        "INSERT INTO item (name) VALUES (%s)",
        "INSERT INTO item (name) VALUES ('ä')",
        "UPDATE item SET name = name WHERE id = 1;UPDATE item SET name = name WHERE id = 2",
        "SELECT * FROM upper(%s)",
        "SELECT * FROM version()",
        "COPY item (name) FROM STDIN",
        "COPY item TO STDOUT",
        "COPY item (id) TO STDOUT",
        'SELECT "name" FROM item',
        "SELECT id FROM item",
    ]
    many = statements(document)[0]
    assert (many["many"], many["parameters"]) == (True, [["x"], ["y"]])


def test_a_cursor_class_that_is_built_on_its_own_methods_is_recorded_once(engine: Engine) -> None:
    class Own(DictCursor):
        def execute(self, query: Any, values: Any = None) -> Any:
            return super().execute(query + " -- own", values)

        def callproc(self, name: Any, values: Any = None) -> Any:
            return self.execute(f"SELECT {name}()")

    def work() -> None:
        with closing(take(engine)) as connection, connection.cursor(cursor_factory=Own) as cursor:
            cursor.callproc("version")

    assert len(statements(recorded(work))) == 1


def test_what_sqlalchemy_and_the_pool_do_for_a_connection_is_no_statement_of_the_test(postgres_url: URL) -> None:
    engine = create_engine(postgres_url, pool_pre_ping=True)
    install(engine)

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET search_path TO public")
        connection.commit()

    def work() -> None:
        for _ in range(2):
            with engine.connect() as connection:
                connection.execute(text("SELECT 1"))

    assert brief(recorded(work)) == ["1 BEGIN", "1 SELECT 1", "1 ROLLBACK", "2 BEGIN", "2 SELECT 1", "2 ROLLBACK"]
    engine.dispose()


def test_a_logging_connection_logs_as_ever(dsn: str) -> None:
    log = io.StringIO()

    def work() -> None:
        with closing(psycopg2.connect(dsn, connection_factory=LoggingConnection)) as connection:
            connection.initialize(log)
            connection.cursor().execute("SELECT 1")

    assert brief(recorded(work)) == ["1 BEGIN", "1 SELECT 1", "1 ROLLBACK"]
    assert "SELECT 1" in log.getvalue()


def test_connections_opened_before_the_recording_are_recorded_where_they_are_ours(engine: Engine) -> None:
    take(engine).close()

    def work() -> None:
        with closing(take(engine)) as connection:
            connection.cursor().execute("SELECT 1")

    assert brief(recorded(work)) == ["1 BEGIN", "1 SELECT 1", "1 ROLLBACK"]


def test_after_the_recording_cursors_are_what_they_were(engine: Engine, dsn: str) -> None:
    recorded(lambda: None)
    with closing(take(engine)) as connection:
        assert type(connection.cursor()) is psycopg2.extensions.cursor
    with closing(psycopg2.connect(dsn)) as connection:
        assert type(connection) is psycopg2.extensions.connection
