"""Old psycopg2 code on a connection from SQLAlchemy's pool, on real PostgreSQL."""

from __future__ import annotations

import gc
import io
import threading
import uuid
import warnings
from collections.abc import Iterator
from contextlib import closing

import psycopg2
import psycopg2.errors
import psycopg2.extensions
import psycopg2.extras
import pytest
from psycopg2.sql import SQL, Identifier
from sqlalchemy import URL, Engine, Integer, String, create_engine, event, text
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from alchemove.database import Database
from alchemove.psycopg2_connection import PooledConnection, UnclosedConnectionWarning, install, take


class Base(DeclarativeBase):
    pass


class Item(Base):
    __tablename__ = "item"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String)


@pytest.fixture
def engine(postgres_url: URL) -> Iterator[Engine]:
    made = create_engine(postgres_url, pool_size=1, max_overflow=0, pool_timeout=0.5, pool_pre_ping=True)
    Base.metadata.create_all(made)
    yield made
    made.dispose()


def names(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.scalars(text("SELECT name FROM item ORDER BY id")))


def insert(connection: PooledConnection, key: int, name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO item VALUES (%s, %s)", (key, name))


def test_the_proxy_of_sqlalchemy_is_no_faithful_connection(engine: Engine) -> None:
    # Why this module exists: each of these is what old code does.
    proxy = engine.raw_connection()
    assert not isinstance(proxy, psycopg2.extensions.connection)
    proxy.autocommit = True  # type: ignore[attr-defined]
    assert proxy.driver_connection is not None
    assert proxy.driver_connection.autocommit is False
    with pytest.raises(TypeError):
        psycopg2.extras.register_uuid(conn_or_curs=proxy)
    proxy.close()


def test_with_connection_commits_and_leaves_it_open(engine: Engine) -> None:
    connection = take(engine)
    with connection:
        insert(connection, 1, "kept")
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM item")
        assert cursor.fetchone() == (1,)
    connection.close()
    assert names(engine) == ["kept"]


def test_with_connection_rolls_back_on_an_exception(engine: Engine) -> None:
    connection = take(engine)
    with pytest.raises(psycopg2.errors.UniqueViolation), connection:
        psycopg2.extras.execute_values(connection.cursor(), "INSERT INTO item VALUES %s", [(1, "a"), (1, "b")])
    connection.close()
    assert names(engine) == []


def test_what_is_not_committed_is_lost_at_close(engine: Engine) -> None:
    with closing(take(engine)) as connection:
        insert(connection, 1, "lost")
    assert names(engine) == []


def test_autocommit_works_and_the_pool_gets_the_connection_back_without_it(engine: Engine) -> None:
    connection = take(engine)
    connection.autocommit = True
    insert(connection, 1, "kept")
    insert(connection, 2, "kept too")
    connection.close()
    assert names(engine) == ["kept", "kept too"]
    with engine.connect() as pooled:
        pooled.execute(text("DELETE FROM item"))
    assert names(engine) == ["kept", "kept too"]
    again = take(engine)
    assert again.autocommit is False
    again.close()


def test_isinstance_and_everything_that_needs_a_real_connection(engine: Engine) -> None:
    connection = take(engine)
    assert isinstance(connection, psycopg2.extensions.connection)
    key = uuid.uuid4()
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT %s::uuid", (str(key),))
        assert cursor.fetchone() == (str(key),), "old code expects text until it registers the type"
        psycopg2.extras.register_uuid(conn_or_curs=connection)
        cursor.execute("SELECT %s::uuid", (key,))
        assert cursor.fetchone() == (key,)
        assert SQL("SELECT {}").format(Identifier('a"b')).as_string(connection) == 'SELECT "a""b"'
        assert psycopg2.extensions.quote_ident("a", connection) == '"a"'
        assert connection.lobject(0, "wb").write(b"large") == 5
    connection.close()


def test_dictionary_cursors_execute_values_and_copy(engine: Engine) -> None:
    connection = take(engine)
    with connection, connection.cursor(cursor_factory=psycopg2.extras.RealDictCursor) as cursor:
        psycopg2.extras.execute_values(cursor, "INSERT INTO item VALUES %s", [(1, "a"), (2, "b")])
        cursor.execute("SELECT * FROM item ORDER BY id")
        assert cursor.fetchall() == [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}]
    with connection, connection.cursor() as cursor:
        psycopg2.extras.execute_batch(cursor, "UPDATE item SET name = name || '!' WHERE id = %s", [(1,), (2,)])
        cursor.copy_expert("COPY item FROM STDIN", io.StringIO("3\tc\n"))
        out = io.StringIO()
        cursor.copy_expert("COPY (SELECT * FROM item ORDER BY id) TO STDOUT", out)
        assert out.getvalue() == "1\ta!\n2\tb!\n3\tc\n"
    with connection, connection.cursor("named") as cursor:
        cursor.execute("SELECT id FROM item ORDER BY id")
        assert [row[0] for row in cursor] == [1, 2, 3]
    connection.close()


def test_a_cursor_factory_of_the_connection_ends_with_the_loan(engine: Engine) -> None:
    connection = take(engine)
    connection.cursor_factory = psycopg2.extras.RealDictCursor
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT 1 AS one")
        assert cursor.fetchone() == {"one": 1}
    connection.close()
    assert names(engine) == []
    with engine.connect() as pooled:
        assert pooled.execute(text("SELECT 1, 2")).one() == (1, 2)


def test_close_gives_the_same_server_connection_back_to_the_pool(engine: Engine) -> None:
    processes = set()
    for _ in range(5):
        connection = take(engine)
        processes.add(connection.info.backend_pid)
        with pytest.raises(PoolTimeoutError):
            take(engine)
        connection.close()
        del connection
    assert len(processes) == 1
    assert engine.pool.checkedout() == 0  # type: ignore[attr-defined]


def test_after_close_it_is_closed_for_whoever_closed_it(engine: Engine) -> None:
    connection = take(engine)
    cursor = connection.cursor()
    connection.close()
    assert connection.closed
    for use in (connection.cursor, connection.commit, connection.rollback, lambda: cursor.execute("SELECT 1")):
        with pytest.raises(psycopg2.InterfaceError, match="already closed"):
            use()
    connection.close()


def test_a_second_close_does_not_take_the_connection_from_the_next_holder(engine: Engine) -> None:
    # try: ...; connection.close() ... finally: connection.close() is common, and the next holder may be another thread.
    first = take(engine)
    first.close()
    second = take(engine)
    with second:
        insert(second, 1, "kept")
        first.close()
        first.close()
    second.close()
    assert names(engine) == ["kept"]


def test_a_holder_that_goes_on_after_close_does_not_reach_into_the_next_transaction(engine: Engine) -> None:
    first = take(engine)
    cursor = first.cursor()
    first.close()
    with Session(engine) as session:
        session.add(Item(id=1, name="kept"))
        session.flush()
        with pytest.raises(psycopg2.InterfaceError):
            first.rollback()
        with pytest.raises(psycopg2.InterfaceError):
            cursor.execute("ROLLBACK")
        first.close()
        session.commit()
    assert names(engine) == ["kept"]


def test_nothing_of_one_loan_reaches_the_next_user_of_the_pool(engine: Engine) -> None:
    with engine.connect() as pooled:
        settings = set(pooled.execute(text("SELECT name, setting FROM pg_settings")).all())
    connection = take(engine)
    connection.set_session("SERIALIZABLE", readonly=True, deferrable=True)
    connection.rollback()
    connection.set_session(readonly=False)
    with connection, connection.cursor() as cursor:
        cursor.execute("SET search_path TO elsewhere")
        cursor.execute("SET statement_timeout = 1234")
        cursor.execute("SET TIME ZONE 'Asia/Tokyo'")
        cursor.execute("SELECT set_config('app.current_tenant_id', '7', false)")
        cursor.execute("SELECT pg_advisory_lock(42)")
        cursor.execute("CREATE TEMP TABLE scratch (x int)")
        cursor.execute("LISTEN channel")
        cursor.execute("PREPARE plan AS SELECT 1")
    connection.set_client_encoding("LATIN1")
    process = connection.info.backend_pid
    connection.close()
    del connection, cursor
    with engine.connect() as pooled:
        raw = pooled.connection.driver_connection
        assert raw is not None
        assert raw.info.backend_pid == process
        assert (raw.isolation_level, raw.readonly, raw.deferrable, raw.encoding) == (None, None, None, "UTF8")
        assert set(pooled.execute(text("SELECT name, setting FROM pg_settings")).all()) == settings
        assert pooled.scalar(text("SELECT current_setting('app.current_tenant_id', true)")) in {None, ""}
        assert pooled.scalar(text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")) == 0
        assert pooled.scalar(text("SELECT to_regclass('scratch')")) is None
        assert pooled.scalar(text("SELECT count(*) FROM pg_listening_channels()")) == 0
        assert pooled.scalar(text("SELECT count(*) FROM pg_prepared_statements")) == 0


def test_settings_that_the_application_makes_on_connect_survive_a_loan(postgres_url: URL) -> None:
    engine = create_engine(postgres_url, pool_size=1, max_overflow=0)

    @event.listens_for(engine, "connect")
    def set_zone(connection: psycopg2.extensions.connection, _record: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET TIME ZONE 'Europe/Vienna'")
        connection.commit()

    take(engine).close()
    with engine.connect() as pooled:
        assert pooled.scalar(text("SHOW timezone")) == "Europe/Vienna"
    engine.dispose()


def test_type_casters_of_sqlalchemy_survive_a_loan_and_those_of_the_loan_do_not(engine: Engine) -> None:
    key = uuid.uuid4()
    connection = take(engine)
    as_text = psycopg2.extensions.new_type((23,), "SHOUT", lambda value, _: f"{value}!")
    psycopg2.extensions.register_type(as_text, connection)
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == ("1!",)
    connection.close()
    with engine.connect() as pooled:
        assert pooled.execute(text(f"SELECT 1, '{key}'::uuid")).one() == (1, key)


def test_an_engine_in_autocommit_mode_lends_ordinary_connections(postgres_url: URL) -> None:
    engine = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    connection = take(engine)
    assert connection.autocommit is False
    connection.close()
    with engine.connect() as pooled:
        raw = pooled.connection.driver_connection
        assert raw is not None
        assert raw.autocommit is True
    engine.dispose()


def test_a_connection_that_is_never_closed_is_reported_with_the_line_that_took_it(engine: Engine) -> None:
    def forgetful() -> None:
        connection = take(engine)  # the line
        insert(connection, 1, "lost")

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        forgetful()
        gc.collect()
    [warning] = [each for each in caught if each.category is UnclosedConnectionWarning]
    assert warning.filename == __file__
    assert "# the line" in open(__file__).read().splitlines()[warning.lineno - 1]  # noqa: SIM115
    assert "call close()" in str(warning.message)
    # And the pool is whole again.
    assert names(engine) == []
    assert engine.pool.checkedout() == 0  # type: ignore[attr-defined]


def test_the_warning_about_an_unclosed_connection_can_be_silenced_and_closing_gives_none(engine: Engine) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("ignore", UnclosedConnectionWarning)
        take(engine)
        gc.collect()
    assert not caught
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with closing(take(engine)):
            pass
        gc.collect()


def test_a_connection_that_the_server_ended_is_replaced(engine: Engine) -> None:
    connection = take(engine)
    process = connection.info.backend_pid
    with pytest.raises(psycopg2.Error), connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    connection.close()
    connection = take(engine)
    assert connection.info.backend_pid != process
    connection.close()


def test_a_two_phase_transaction_is_not_carried_into_the_pool(engine: Engine) -> None:
    connection = take(engine)
    connection.tpc_begin(connection.xid(1, "a", "b"))
    insert(connection, 1, "lost")
    connection.close()
    assert names(engine) == []


def test_connections_opened_before_the_first_loan_are_replaced(engine: Engine) -> None:
    assert names(engine) == []
    connection = take(engine)
    assert isinstance(connection, PooledConnection)
    connection.close()


def test_an_engine_with_a_creator_of_its_own_is_refused_with_what_to_do(postgres_url: URL) -> None:
    dsn = postgres_url.set(drivername="postgresql").render_as_string(hide_password=False)
    engine = create_engine(postgres_url, creator=lambda: psycopg2.connect(dsn))
    with pytest.raises(RuntimeError, match="a creator or a connection_factory of its own"):
        take(engine)
    with Session(engine) as session, pytest.raises(RuntimeError, match="a creator or a connection_factory of its own"):
        take(engine, session)
    assert engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    engine.dispose()

    ours = create_engine(postgres_url, creator=lambda: psycopg2.connect(dsn, connection_factory=PooledConnection))
    take(ours).close()
    ours.dispose()


def test_the_sync_engine_of_a_database_lends_to_a_session_that_has_already_worked(postgres_url: URL) -> None:
    database = Database(postgres_url)
    with database.sync_session() as session:
        session.execute(text("SELECT 1"))
        connection = take(database.sync_engine, session)
        connection.cursor().execute("SELECT 1")
        connection.close()
    database.close_all_connections()


def test_many_threads_share_a_small_pool(postgres_url: URL) -> None:
    engine = create_engine(postgres_url, pool_size=3, max_overflow=0, pool_pre_ping=True)
    Base.metadata.create_all(engine)
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for turn in range(20):
                connection = take(engine)
                try:
                    with connection:
                        insert(connection, number * 100 + turn, "x")
                    connection.close()
                finally:
                    connection.close()
                with Session(engine) as session:
                    session.get(Item, 1)
        except BaseException as problem:  # noqa: BLE001
            failures.append(problem)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(names(engine)) == 160
    assert engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    engine.dispose()


def test_dispose_and_invalidation_close_real_connections(postgres_url: URL) -> None:
    engine = create_engine(postgres_url, pool_size=1)
    connection = take(engine)
    connection.close()
    engine.dispose()
    assert super(PooledConnection, connection).closed


def test_another_driver_is_refused_with_what_to_do() -> None:
    with pytest.raises(RuntimeError, match=r"uses sqlite\+pysqlite.*postgresql\+psycopg2"):
        take(create_engine("sqlite://"))


# -- in a session's transaction -------------------------------------------------------------------------------------


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    install(engine)
    engine.dispose()
    with Session(engine) as made:
        yield made


def test_it_sees_what_the_session_has_not_committed_and_the_session_commits_its_changes(
    engine: Engine, session: Session
) -> None:
    # A connection of its own would wait for the session's row lock until the statement timeout.
    session.add(Item(id=1, name="of the session"))
    session.flush()
    connection = take(engine, session)
    with connection, connection.cursor() as cursor:
        cursor.execute("UPDATE item SET name = name || ', touched' WHERE id = 1")
        assert cursor.rowcount == 1
    connection.close()
    insert(connection := take(engine, session), 2, "uncommitted")
    connection.close()
    session.commit()
    assert names(engine) == ["of the session, touched"]


def test_a_connection_of_its_own_waits_for_the_session_s_row_until_the_timeout(
    engine: Engine, session: Session, postgres_url: URL
) -> None:
    # Why joining is needed: the session's transaction waits for this code, and this code for the transaction.
    session.add(Item(id=1, name="a"))
    session.commit()
    session.execute(text("UPDATE item SET name = 'b'"))
    apart = create_engine(postgres_url)
    with closing(take(apart)) as connection, connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = '200ms'")
        with pytest.raises(psycopg2.errors.QueryCanceled):
            cursor.execute("UPDATE item SET name = 'c'")
    apart.dispose()


def test_its_commit_is_not_the_session_s(engine: Engine, session: Session) -> None:
    connection = take(engine, session)
    insert(connection, 1, "a")
    connection.commit()
    connection.close()
    session.rollback()
    assert names(engine) == []


def test_its_rollback_undoes_only_its_own_work(engine: Engine, session: Session) -> None:
    session.add(Item(id=1, name="of the session"))
    connection = take(engine, session)
    insert(connection, 2, "kept")
    connection.commit()
    with pytest.raises(psycopg2.errors.UniqueViolation):
        insert(connection, 2, "twice")
    connection.rollback()
    insert(connection, 3, "undone")
    connection.rollback()
    connection.close()
    session.commit()
    assert names(engine) == ["of the session", "kept"]


def test_the_session_s_commit_inside_the_block_is_a_real_one(engine: Engine, session: Session) -> None:
    connection = take(engine, session)
    insert(connection, 1, "a")
    session.commit()
    connection.close()
    assert names(engine) == ["a"]


def test_parts_can_be_nested(engine: Engine, session: Session) -> None:
    outer = take(engine, session)
    insert(outer, 1, "outer")
    inner = take(engine, session)
    insert(inner, 2, "inner, uncommitted")
    inner.close()
    outer.commit()
    outer.close()
    session.commit()
    assert names(engine) == ["outer"]


def test_autocommit_is_refused_inside_a_session_s_transaction(engine: Engine, session: Session) -> None:
    connection = take(engine, session)
    with pytest.raises(psycopg2.ProgrammingError, match="inside a transaction"):
        connection.autocommit = True
    connection.close()


def test_a_session_whose_connection_was_opened_earlier_gets_a_new_one_while_it_can(postgres_url: URL) -> None:
    engine = create_engine(postgres_url, pool_size=1)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        connection = take(engine, session)
        insert(connection, 1, "a")
        connection.commit()
        connection.close()
        session.commit()
    assert names(engine) == ["a"]
    engine.dispose()


def test_a_transaction_that_runs_on_a_plain_connection_is_refused_with_what_to_do(postgres_url: URL) -> None:
    engine = create_engine(postgres_url, pool_size=1)
    with Session(engine) as session:
        session.execute(text("SELECT 1"))
        with pytest.raises(RuntimeError, match=r"install\(engine\) where the engine is made"):
            take(engine, session)
    engine.dispose()


def test_an_async_session_cannot_be_joined(engine: Engine) -> None:
    from sqlalchemy.ext.asyncio import AsyncSession

    with pytest.raises(TypeError, match="needs a sync Session, not AsyncSession"):
        take(engine, AsyncSession())  # type: ignore[arg-type]
