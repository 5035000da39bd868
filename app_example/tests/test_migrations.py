"""The history of the schema, on a database of its own."""

import os
import subprocess
import sys

import postgres
import psycopg2
import pytest
from alembic.script import ScriptDirectory
from stages import MIGRATIONS

pytestmark = pytest.mark.skipif(not MIGRATIONS.exists(), reason="this copy has no migrations folder")

BEFORE_THE_SPLIT = "a84e2d5c6013"
AFTER_THE_SPLIT = "5b90c7e41fd8"


class Migrations:
    """Alembic, as it is run in the folder of the stage, and the database it works on."""

    def __init__(self, stage, url):
        self.stage = stage
        self.url = url

    def alembic(self, *arguments):
        done = subprocess.run(
            [sys.executable, "-m", "alembic", "-c", str(MIGRATIONS), *arguments],
            cwd=self.stage,
            env={**os.environ, "DATABASE_URL": self.url},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def sql(self, statement, *parameters):
        connection = psycopg2.connect(self.url)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(statement, parameters)
                return cursor.fetchall() if cursor.description else None
        finally:
            connection.close()

    @property
    def tables(self):
        return {name for (name,) in self.sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}


@pytest.fixture
def migrations(server, stage):
    with postgres.database(server) as url:
        yield Migrations(stage, url)


@pytest.fixture(autouse=True)
def empty_tables():
    """These tests do not use the tables of the application."""


def test_the_history_is_one_line():
    history = ScriptDirectory(str(MIGRATIONS.parent))
    assert len(history.get_heads()) == 1
    assert len(list(history.walk_revisions())) == 6


def test_the_migrations_make_the_tables_of_the_models_and_remove_them_again(migrations):
    migrations.alembic("upgrade", "head")
    assert "No new upgrade operations detected" in migrations.alembic("check")
    assert len(migrations.tables - {"alembic_version"}) == 11
    migrations.alembic("downgrade", "base")
    assert migrations.tables == {"alembic_version"}
    migrations.alembic("upgrade", "head")
    assert len(migrations.tables - {"alembic_version"}) == 11


def test_splitting_the_names_keeps_every_word(migrations):
    migrations.alembic("upgrade", BEFORE_THE_SPLIT)
    migrations.sql("INSERT INTO tenants (slug, name) VALUES ('acme', 'Acme')")
    names = ["Ada Lovelace", "  Madonna ", "", "Ludwig van Beethoven", "Anne\tFrank"]
    for number, name in enumerate(names):
        migrations.sql("INSERT INTO users (tenant_id, email, name) VALUES (1, %s, %s)", str(number), name)

    migrations.alembic("upgrade", AFTER_THE_SPLIT)
    assert migrations.sql("SELECT first_name, last_name FROM users ORDER BY email") == [
        ("Ada", "Lovelace"),
        ("Madonna", ""),
        ("", ""),
        ("Ludwig", "van Beethoven"),
        ("Anne", "Frank"),
    ]

    migrations.alembic("downgrade", BEFORE_THE_SPLIT)
    assert migrations.sql("SELECT name FROM users ORDER BY email") == [
        ("Ada Lovelace",),
        ("Madonna",),
        ("",),
        ("Ludwig van Beethoven",),
        ("Anne Frank",),
    ]


def test_rows_survive_an_upgrade_to_the_head_and_back(migrations):
    migrations.alembic("upgrade", BEFORE_THE_SPLIT)
    migrations.sql("INSERT INTO tenants (slug, name) VALUES ('acme', 'Acme')")
    migrations.sql("INSERT INTO users (tenant_id, email, name) VALUES (1, 'ada@acme.test', 'Ada Lovelace')")
    migrations.sql("INSERT INTO chat_sessions (tenant_id, customer_id, subject) VALUES (1, 1, 'Help')")
    migrations.alembic("upgrade", "head")
    assert migrations.sql("SELECT channel, priority FROM chat_sessions") == [("web", 0)]
    migrations.alembic("downgrade", BEFORE_THE_SPLIT)
    assert migrations.sql("SELECT subject FROM chat_sessions") == [("Help",)]


def test_the_first_revision_can_be_printed_as_sql(migrations):
    printed = migrations.alembic("upgrade", "3f1c0a7d9b52", "--sql")
    assert "CREATE TABLE tenants" in printed
    assert migrations.tables == set()
