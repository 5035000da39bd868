"""`run(target_metadata)` as the whole body of an ``env.py``, through Alembic's own commands."""

from __future__ import annotations

import asyncio
import io
import textwrap
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import URL, create_engine, inspect, make_url, text

from alchemove.alembic import AsyncMigrationError
from alchemove.errors import SettingsError
from tests.postgres import Postgres

ENV = """
from sqlalchemy import Column, Integer, MetaData, String, Table, UniqueConstraint
from alchemove.alembic import NAMING_CONVENTION, run

metadata = MetaData(naming_convention=NAMING_CONVENTION)
Table("thing", metadata, Column("id", Integer, primary_key=True), Column("name", String(30)), UniqueConstraint("name"))
run(metadata)
"""
TEMPLATE = """
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = depends_on = None
from alembic import op
import sqlalchemy as sa

def upgrade() -> None:
    ${upgrades if upgrades else "pass"}

def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
"""
FIRST = """
revision = "1"
down_revision = None
from alembic import op
import sqlalchemy as sa

def upgrade():
    op.create_table("thing", sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(30)))

def downgrade():
    op.drop_table("thing")
"""
DRIVERS = [
    "postgresql",
    "postgresql+asyncpg",
    "postgresql+psycopg2",
    "postgresql+psycopg",
    "sqlite",
    "sqlite+aiosqlite",
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "versions").mkdir()
    (tmp_path / "env.py").write_text(ENV)
    (tmp_path / "script.py.mako").write_text(TEMPLATE)
    (tmp_path / "versions" / "1.py").write_text(FIRST)
    return tmp_path


def configuration(folder: Path, url: str | None = None, output: Any = None) -> Config:
    config = Config(output_buffer=output)
    config.set_main_option("script_location", str(folder))
    if url is not None:
        config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def url_of(driver: str, postgres_url: URL, folder: Path) -> str:
    if driver.startswith("sqlite"):
        return f"{driver}:///{folder / 'data.db'}"
    return postgres_url.set(drivername=driver).render_as_string(hide_password=False)


def tables(url: str) -> list[str]:
    plain = make_url(url)
    engine = create_engine(plain.set(drivername="sqlite" if "sqlite" in plain.drivername else "postgresql+psycopg2"))
    try:
        return sorted(inspect(engine).get_table_names())
    finally:
        engine.dispose()


@pytest.mark.parametrize("driver", DRIVERS)
def test_upgrade_autogenerate_and_downgrade_work_with_every_driver(
    driver: str, postgres_url: URL, folder: Path
) -> None:
    url = url_of(driver, postgres_url, folder)
    config = configuration(folder, url)
    command.upgrade(config, "head")
    assert tables(url) == ["alembic_version", "thing"]
    script: Any = command.revision(config, "unique", autogenerate=True)
    written = Path(script.path).read_text()
    # The convention of the metadata names the constraint; SQLite can only alter it in batch mode.
    assert "'uq_thing_name'" in written or "op.f('uq_thing_name')" in written
    assert ("batch_alter_table" in written) == driver.startswith("sqlite")
    command.upgrade(config, "head")
    command.check(config)
    command.downgrade(config, "base")
    assert tables(url) == ["alembic_version"]


@pytest.mark.parametrize("driver", DRIVERS)
async def test_it_runs_inside_a_running_event_loop(driver: str, postgres_url: URL, folder: Path) -> None:
    url = url_of(driver, postgres_url, folder)
    command.upgrade(configuration(folder, url), "head")
    assert tables(url) == ["alembic_version", "thing"]


@pytest.mark.parametrize("driver", DRIVERS)
def test_offline_mode_writes_sql_and_needs_no_server(driver: str, folder: Path) -> None:
    url = "sqlite:///nowhere.db" if driver.startswith("sqlite") else f"{driver}://nobody@127.0.0.1:1/nowhere"
    output = io.StringIO()
    command.upgrade(configuration(folder, url, output), "head", sql=True)
    assert "CREATE TABLE thing" in output.getvalue()
    assert "VALUES ('1')" in output.getvalue()


@pytest.mark.parametrize("given", ["environment", "option", "option undoubled", "argument"])
def test_a_password_with_percent_signs_reaches_the_server(
    given: str, folder: Path, postgres_server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    if postgres_server.cluster is None:
        pytest.skip("needs a server whose roles may be changed")
    with postgres_server.database() as name:
        postgres_server.execute("CREATE ROLE percent LOGIN PASSWORD 'p%4@ss%'")
        try:
            postgres_server.execute(f"GRANT ALL ON DATABASE {name} TO percent")
            postgres_server.execute("GRANT ALL ON SCHEMA public TO percent", name)
            plain = postgres_server.url(name).set(username="percent", password="p%4@ss%")
            url = plain.render_as_string(hide_password=False)
            assert "%25" in url
            config = configuration(folder)
            match given:
                case "environment":
                    monkeypatch.setenv("DATABASE_URL", url)
                case "option":
                    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
                case "option undoubled":
                    ini = folder / "alembic.ini"
                    ini.write_text(f"[alembic]\nscript_location = {folder}\nsqlalchemy.url = {url}\n")
                    config = Config(str(ini))
                case _:
                    (folder / "env.py").write_text(ENV.replace("run(metadata)", f"run(metadata, url={url!r})"))
            command.upgrade(config, "head")
            with postgres_server.connect(name) as connection, connection.cursor() as cursor:
                cursor.execute("SELECT tableowner FROM pg_tables WHERE tablename = 'thing'")
                assert cursor.fetchone() == ("percent",)
        finally:
            postgres_server.execute("DROP OWNED BY percent", name)
            postgres_server.execute(f"REVOKE ALL ON DATABASE {name} FROM percent")
            postgres_server.execute("DROP ROLE percent")


def test_an_undoubled_percent_is_an_error_in_plain_alembic() -> None:
    with pytest.raises(ValueError, match="invalid interpolation syntax"):
        Config().set_main_option("sqlalchemy.url", "postgresql://u:p%40@localhost/x")


def test_the_configuration_wins_over_the_environment_but_not_the_placeholder(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A test that points Alembic at its own database must not migrate the one of the environment."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{folder / 'environment.db'}")
    command.upgrade(configuration(folder, f"sqlite:///{folder / 'configured.db'}"), "head")
    assert (folder / "configured.db").exists()
    assert not (folder / "environment.db").exists()
    command.upgrade(configuration(folder, "driver://user:pass@localhost/dbname"), "head")
    assert (folder / "environment.db").exists()


def test_without_any_url_the_error_says_where_one_can_be_set(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.chdir(folder)
    with pytest.raises(SettingsError, match=r"DATABASE_URL is not set.*sqlalchemy.url in alembic.ini"):
        command.upgrade(configuration(folder), "head")


def test_a_connection_handed_over_is_used_in_its_transaction(folder: Path, postgres_url: URL) -> None:
    engine = create_engine(postgres_url)
    config = configuration(folder)
    with engine.connect() as connection, connection.begin() as transaction:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        assert connection.scalar(text("SELECT count(*) FROM thing")) == 0
        transaction.rollback()
    assert tables(postgres_url.render_as_string(hide_password=False)) == []
    engine.dispose()


@pytest.mark.parametrize("driver", DRIVERS)
@pytest.mark.parametrize("shape", ["async def", "asyncio.run", "run_until_complete"])
def test_async_work_in_a_migration_fails_with_a_clear_message(
    shape: str, driver: str, postgres_url: URL, folder: Path
) -> None:
    body = {
        "async def": "async def upgrade():\n    op.execute('SELECT 1')\n",
        "asyncio.run": "async def work(): pass\ndef upgrade():\n    c = work()\n    try: asyncio.run(c)\n    finally: c.close()\n",
        "run_until_complete": (
            "async def work(): pass\ndef upgrade():\n    c, loop = work(), asyncio.new_event_loop()\n"
            "    try: loop.run_until_complete(c)\n    finally: c.close(); loop.close()\n"
        ),
    }[shape]
    (folder / "versions" / "2.py").write_text(
        "revision = '2'\ndown_revision = '1'\nimport asyncio\nfrom alembic import op\n" + body
    )
    url = url_of(driver, postgres_url, folder)
    expected = r"2\.py: upgrade\(\) is async" if shape == "async def" else "A migration runs an event loop of its own"
    with pytest.raises(AsyncMigrationError, match=expected):
        command.upgrade(configuration(folder, url), "head")
    assert "thing" not in tables(url) or driver.startswith("sqlite")


async def test_alembics_own_async_template_fails_inside_a_running_loop(folder: Path, postgres_url: URL) -> None:
    (folder / "env.py").write_text(
        textwrap.dedent(
            """
            import asyncio
            async def run_async_migrations(): ...
            work = run_async_migrations()
            try: asyncio.run(work)
            finally: work.close()
            """
        )
    )
    with pytest.raises(RuntimeError, match="cannot be called from a running event loop"):
        command.upgrade(configuration(folder, str(postgres_url)), "head")


async def test_a_migration_may_run_in_a_thread_of_an_async_program(folder: Path, postgres_url: URL) -> None:
    url = postgres_url.render_as_string(hide_password=False)
    await asyncio.to_thread(command.upgrade, configuration(folder, url), "head")
    assert tables(url) == ["alembic_version", "thing"]


def test_options_of_the_application_win(folder: Path) -> None:
    (folder / "env.py").write_text(ENV.replace("run(metadata)", "run(metadata, version_table='history')"))
    url = f"sqlite:///{folder / 'data.db'}"
    command.upgrade(configuration(folder, url), "head")
    assert tables(url) == ["history", "thing"]
